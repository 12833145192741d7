using Akka.Actor;

namespace ActorLb.Node.Revisions;

/// <summary>
/// Has the changes of all nodes taken one after the other: the reachable member whose name is first gives out the turns. Its state is
/// RevisionActor's alone; a turn may be asked for from any thread.
/// </summary>
internal sealed class RevisionTurns(RevisionMembers members, TimeProvider time, IActorRef self)
{
    /// <summary>Whoever gives out the turns answers every half second, also where it has none to give.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TurnRequest, IActorRef> _askers = [];
    private TurnState _state = TurnState.Free;

    private TimeSpan Now => time.GetElapsedTime(0);

    public void OnAsked(AskTurn asked, IActorRef sender)
    {
        _askers[asked.Request] = sender;
        Go(_state.Asked(asked.Request, Now));
    }

    public void OnEnded(EndTurn ended)
    {
        _askers.Remove(ended.Request);
        Go(_state.Ended(ended.Request, Now));
    }

    /// <summary>Now and then: who waits hears for whom, and who is gone is not waited for.</summary>
    public void Look()
    {
        if (_state != TurnState.Free)
        {
            Go(_state.Among(members.Now().Where(m => m.CanBeReached).Select(m => m.Name).ToHashSet(StringComparer.Ordinal), Now));
        }

        foreach ((TurnRequest request, IActorRef asker) in _askers)
        {
            asker.Tell(new TurnStands(request, _state.Holder?.Node ?? ""), self);
        }

        _askers.Clear();
    }

    /// <summary>Waits for the turn of a change.</summary>
    /// <param name="left">How long it may still be waited for.</param>
    /// <returns>Null: it is its turn, or nobody gives any out. Else whose it is.</returns>
    public async Task<string?> TakeAsync(TurnRequest request, Func<TimeSpan> left)
    {
        string? holder = null;
        bool wasSilent = false;
        while (left() is var wait && wait > TimeSpan.Zero)
        {
            RevisionMember first = First();
            if (await members.AskAsync<TurnStands>(first, new AskTurn(request), wait < SilenceMax ? wait : SilenceMax) is { } answer)
            {
                if (answer.Holder == request.Node)
                {
                    return null;
                }

                holder = answer.Holder;
                wasSilent = false;
            }
            else if (wasSilent && first == First())
            {
                // That it does not answer is told by whoever asks it what it could run.
                return null;
            }
            else
            {
                wasSilent = true;
            }
        }

        return holder ?? First().Name;
    }

    public void End(TurnRequest request) => members.Tell(First(), new EndTurn(request));

    private RevisionMember First() => members.Now().First(m => m.CanBeReached);

    private void Go(TurnState next)
    {
        _state = next;
        if (next.Holder is { } holder && _askers.Remove(holder, out IActorRef? asker))
        {
            asker.Tell(new TurnStands(holder, holder.Node), self);
        }
    }
}
