using System.Text.Json;
using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>Follows the events of a cluster at one of its nodes, and goes on at the next one where that goes away: nothing is missed or shown twice.</summary>
/// <param name="goesOn">Is told why it leaves a node, and for which.</param>
internal sealed class EventFollower(AdminNodes nodes, TimeProvider time, Action<string> goesOn)
{
    /// <summary>More than a node's own silence: who says nothing for so long is gone.</summary>
    private static readonly TimeSpan SilenceMax = EventStream.SilenceMax * 3;

    /// <exception cref="AdminException">No node answers, or one refuses what is asked.</exception>
    public Task RunAsync(string query, Action<JsonElement> each, CancellationToken cancellation) =>
        new StreamFollower(nodes, time, SilenceMax, goesOn).RunAsync("/api/v1/events" + query, (_, one) => each(one), cancellation);
}
