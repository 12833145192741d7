using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// Holds an answer back that begins a session by a cookie of the application, until other nodes know that session, or for as long
/// as they are given: its client may go on at any of them. Used again for other exchanges.
/// </summary>
internal sealed class AnswerHold(Exchange exchange)
{
    private bool _hasLearned;

    /// <summary>The answer waits. News of its sockets come again when it goes on.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Before each attempt.</summary>
    public void Begin()
    {
        _hasLearned = false;
        IsHeld = false;
    }

    /// <summary>Learns what an answer begins, once; false where the answer is to wait.</summary>
    /// <param name="source">The answer's head, into which the fields are offsets.</param>
    public bool MayGoOn(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        if (_hasLearned || exchange.Facts.Assignment.Pool.Affinity?.LearnedCookie is null)
        {
            return true;
        }

        _hasLearned = true;
        ValueTask shared = exchange.Lane.Life.LearnAsync(exchange.Facts, source, fields);
        if (shared.IsCompletedSuccessfully)
        {
            return true;
        }

        IsHeld = true;
        _ = GoOnAsync(shared);
        return false;
    }

    private async Task GoOnAsync(ValueTask shared)
    {
        int attempt = exchange.AttemptNumber;
        await shared.ConfigureAwait(false);
        exchange.Post(attempt, () =>
        {
            IsHeld = false;
            exchange.Advance();
        });
    }
}
