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
    public Task RunAsync(string query, Action<JsonElement> each, CancellationToken cancellation) => new StreamFollower(nodes, time, SilenceMax, goesOn).RunAsync(
        "/api/v1/events" + query,
        (from, one) => each(IsEvent(one) ? one : throw AdminAnswer.NoAdminApi(from, "it sent what is no event")),
        cancellation);

    /// <summary>Whether it has what each event has, and as each has it.</summary>
    public static bool IsEvent(JsonElement one) =>
        one.ValueKind == JsonValueKind.Object
        && one.TryGetProperty("at", out JsonElement at) && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out _)
        && IsText(one, "node") && IsText(one, "severity") && IsText(one, "kind") && IsText(one, "text")
        && (!one.TryGetProperty("who", out JsonElement who) || who.ValueKind is JsonValueKind.String or JsonValueKind.Null);

    private static bool IsText(JsonElement one, string name) => one.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String;
}
