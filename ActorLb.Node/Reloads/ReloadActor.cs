using ActorLb.Node.Supervision;
using Akka.Actor;

namespace ActorLb.Node.Reloads;

/// <summary>Another node was asked to have all nodes read their files again.</summary>
internal sealed record ReloadFiles(bool IsTrial);

/// <summary>What came of it here.</summary>
internal sealed record FilesReloaded(ReloadReport Report);

/// <summary>Has this node's files read again when another node says so.</summary>
internal sealed class ReloadActor : ReceiveActor, INodeActor
{
    public static string Name => "reload";

    public ReloadActor(ConfigurationReload reload) => Receive<ReloadFiles>(ask => _ = AnswerAsync(reload, ask, Sender));

    // A node that does not serve yet, or stops, is silent: nothing has changed there.
    private static async Task AnswerAsync(ConfigurationReload reload, ReloadFiles ask, IActorRef sender)
    {
        try
        {
            sender.Tell(new FilesReloaded(await reload.ReloadAsync(ReloadCause.Request, ask.IsTrial)));
        }
        catch (InvalidOperationException)
        {
        }
    }
}
