using ActorLb.Node.Admin;
using ActorLb.Node.Sessions.Decisions;
using ActorLb.Node.Sessions.Rates;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;

namespace ActorLb.Tests.Admin;

/// <summary>Answers about sessions as it was told to, and takes down what was asked for.</summary>
internal sealed class FakeSessionDesk : ISessionDesk
{
    public Func<SeekSession, SessionSought> Found { get; set; } = find => new SessionSought([new SessionAtNode("node-1", find.Id, [])], [], []);

    public Func<Binding, SessionDecided> Decided { get; set; } = before => new SessionDecided(
        SessionOutcome.Ended, before, Binding.Ended(before.Id, 1), ByMajority: true);

    public SessionRates Rates { get; set; } = new([], []);

    public List<object> Taken { get; } = [];

    public Exception? Failure { get; set; }

    public Task<SessionSought> FindAsync(SeekSession find, CancellationToken cancellation) => Answer(find, () => Found(find));

    public Task<SessionDecided> EndAsync(EndSession end, CancellationToken cancellation) =>
        Answer(end, () => Decided(end.Known ?? new Binding(end.Id, BackendKey.None, 0, 0)));

    public Task<SessionDecided> MoveAsync(MoveSessionTo move, CancellationToken cancellation) => Answer(move, () => Decided(move.Known));

    public Task<SessionRates> RatesAsync(CancellationToken cancellation) => Answer("rates", () => Rates);

    private Task<T> Answer<T>(object asked, Func<T> answer)
    {
        if (Failure is not null)
        {
            return Task.FromException<T>(Failure);
        }

        Taken.Add(asked);
        return Task.FromResult(answer());
    }
}
