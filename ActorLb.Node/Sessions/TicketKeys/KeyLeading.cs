using System.Collections.Immutable;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.Actor;

namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>
/// What the member that leads the hand-over keeps beside the ring: who has confirmed what, who was told, and who waits
/// for an answer. Used by TicketKeyActor alone.
/// </summary>
internal sealed class KeyLeading(KeyPeers peers, Func<TicketKeyTimes> times, Action<KeyPeer, object> tell)
{
    private readonly List<Waiting> _waiting = [];
    private KeyHandOverState _state = KeyHandOverState.Empty;
    private TicketKeyRing _told = TicketKeyRing.Empty;

    /// <summary>Somebody was promised an answer by this member.</summary>
    public bool IsAsked => _waiting.Count > 0;

    public void Answered(TicketKeysHeld held) => _state = _state.Answered(held);

    public void Gone(KeyHolder member, long now) => _state = _state.Gone(member, now);

    public void Without(IEnumerable<string> nodes) => _state = _state.Without(nodes);

    public TicketKeyRing Next(TicketKeyRing ring, long now, long ending)
    {
        ImmutableArray<KeyHolder> members = peers.Holders;
        _state = _state.Among(members, now, times());
        return _state.Next(ring, members, now, times(), ending);
    }

    /// <summary>The next <see cref="Tell"/> tells a ring that was told before, to those who have not confirmed it.</summary>
    public void TellAgain() => _told = TicketKeyRing.Empty;

    public void Tell(TicketKeyRing ring)
    {
        if (_told.Equals(ring))
        {
            return;
        }

        _told = ring;
        foreach (KeyHolder unaware in _state.Unaware(ring, peers.Holders))
        {
            if (peers.Of(unaware) is { } peer)
            {
                tell(peer, new HoldTicketKeys(ring));
            }
        }
    }

    /// <summary>The asker gets an answer when the key signs on all nodes, and at the latest after a bounded time.</summary>
    public void Promise(IActorRef asker, TicketKey key, long now) =>
        _waiting.Add(new Waiting(asker, key, now + (long)TicketKeyBounds.RotationAnswer.TotalMilliseconds));

    public void Answer(TicketKeyRing ring, long now)
    {
        bool switched = _state.NotSwitched(ring, peers.Holders).IsEmpty;
        foreach (Waiting waiting in _waiting.ToArray())
        {
            bool signs = switched && !(ring.Pending?.Key.Equals(waiting.Key) ?? false);
            if (signs || waiting.Deadline <= now)
            {
                _waiting.Remove(waiting);
                waiting.Asker.Tell(new TicketKeysRotated(
                    signs ? RotationOutcome.Signs : RotationOutcome.Spreading, waiting.Key.Id, Report(ring, leads: true, now)));
            }
        }
    }

    /// <summary>Nobody knows any more who waits: the next key spreads all the same.</summary>
    public void Abandon(TicketKeyRing ring, long now)
    {
        foreach (Waiting waiting in _waiting)
        {
            waiting.Asker.Tell(new TicketKeysRotated(RotationOutcome.Spreading, waiting.Key.Id, Report(ring, leads: false, now)));
        }

        _waiting.Clear();
    }

    /// <param name="leads">Otherwise who is waited for is not known here.</param>
    public TicketKeyReport Report(TicketKeyRing ring, bool leads, long now) =>
        KeyReporting.Of(ring, leads ? _state : null, peers.Holders, now, times());

    private sealed record Waiting(IActorRef Asker, TicketKey Key, long Deadline);
}
