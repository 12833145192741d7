using ActorLb.Node.Topologies;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Revisions;

/// <summary>Has the node go over to the highest revision, one step after the other, and tells who waits for it. Used by RevisionActor alone.</summary>
internal sealed class RevisionSwitch
{
    private readonly RevisionRunner _runner;
    private readonly RevisionSeam _seam;
    private readonly IActorRef _self;
    private readonly ILogger _logger;
    private readonly List<(IActorRef Asker, RevisionId Id, Task<bool> Kept)> _waiting = [];
    private RevisionId? _going;
    private RevisionId? _reached;
    private string? _told;

    /// <param name="head">What is to be in force.</param>
    /// <param name="problem">Why this node could not go over to it before; null: nothing is known of that.</param>
    public RevisionSwitch(RevisionRunner runner, RevisionSeam seam, IActorRef self, ILogger logger, Revision? head, string? problem)
    {
        _runner = runner;
        _seam = seam;
        _self = self;
        _logger = logger;
        _told = problem;
        Problem = problem;
        _reached = problem is null && head is not null && runner.Live.State.Revision == (head.IsRelease ? null : head.Id) ? head.Id : null;
    }

    /// <param name="Problem">Why the node could not; null: it did.</param>
    internal sealed record WentOver(RevisionId Id, string? Problem);

    public bool IsGoing => _going is not null;

    /// <summary>Why this node does not go by the highest; null: it does, or has not tried yet.</summary>
    public string? Problem { get; private set; }

    public void GoOver(Revision? head)
    {
        if (head is null || _going is not null || _reached == head.Id)
        {
            return;
        }

        _going = head.Id;
        _runner.GoOverAsync(head).PipeTo(_self, _self, problem => new WentOver(head.Id, problem));
    }

    /// <param name="kept">Whether it is on disk.</param>
    public void Answer(IActorRef asker, RevisionId id, Task<bool> kept)
    {
        if (_reached is { } reached && reached >= id)
        {
            AnswerAsync(kept, "").PipeTo(asker, _self);
        }
        else
        {
            _waiting.Add((asker, id, kept));
        }
    }

    /// <param name="head">May be another one by now.</param>
    public void Ended(WentOver over, Revision? head)
    {
        _going = null;
        Problem = over.Problem;
        if (over.Problem is null)
        {
            _reached = over.Id;
            Log.RevisionInForce(_logger, over.Id);
        }
        else if (_told != over.Problem)
        {
            Log.RevisionNotInForce(_logger, over.Id, over.Problem);
        }

        _told = over.Problem;
        foreach ((IActorRef asker, _, Task<bool> kept) in _waiting.Where(w => w.Id <= over.Id))
        {
            AnswerAsync(kept, over.Problem ?? "").PipeTo(asker, _self);
        }

        _waiting.RemoveAll(w => w.Id <= over.Id);
        if (head?.Id != over.Id)
        {
            GoOver(head);
        }
    }

    private async Task<RevisionTaken> AnswerAsync(Task<bool> kept, string problem)
    {
        bool isOnDisk = await kept;
        await _seam(RevisionStep.Taken);
        return new RevisionTaken(_runner.Node, isOnDisk, problem, _runner.Live.State.Fingerprint);
    }
}
