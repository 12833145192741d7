using ActorLb.Engine.Sessions;
using ActorLb.Node.Supervision;
using ActorLb.Node.Topologies;
using Akka.Actor;

namespace ActorLb.Node.Reloads;

/// <summary>Another node was asked to have all nodes read their files again.</summary>
internal sealed record ReloadFiles(bool IsTrial)
{
    /// <summary>The operator, and where he asked, in words for people; null: a node of an earlier version does not say it.</summary>
    public string? Who { get; init; }
}

/// <summary>What came of it here.</summary>
internal sealed record FilesReloaded(ReloadReport Report);

/// <summary>Has this node's files read again when another node says so, and tells what is in force here.</summary>
internal sealed class ReloadActor : ReceiveActor, INodeActor
{
    public static string Name => "reload";

    public ReloadActor(ConfigurationReload reload, LiveTopology live, SessionClock clock, string node)
    {
        Receive<ReloadFiles>(ask => _ = AnswerAsync(reload, clock, ask, Sender));
        Receive<AskParts>(ask =>
        {
            IActorRef asker = Sender;
            Task.Run(() => PartsTold.Of(node, live.State, ask)).PipeTo(asker);
        });
    }

    // A node that does not serve yet, or stops, is silent: nothing has changed there.
    private static async Task AnswerAsync(ConfigurationReload reload, SessionClock clock, ReloadFiles ask, IActorRef sender)
    {
        try
        {
            sender.Tell(new FilesReloaded((await reload.ReloadAsync(ReloadCause.Request, ask.IsTrial, ask.Who)).ByAgreedTime(clock)));
        }
        catch (InvalidOperationException)
        {
        }
    }
}
