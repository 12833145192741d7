using System.Diagnostics.CodeAnalysis;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Rates;

namespace ActorLb.Engine.Passwords;

/// <summary>
/// Verifies passwords for all routes of a node. A hash that is made to be slow is what an attacker would have us compute: so a few at a time, on
/// threads of their own, a short queue, the same pair once, and each client only so many that fail. Any thread.
/// </summary>
/// <param name="verify">Whether it is a user's password, by name and password; takes long.</param>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as the data plane; a semaphore whose handle nobody asked for holds nothing.")]
internal sealed class PasswordChecks(TimeProvider time, Func<Users, string, string, bool> verify)
{
    /// <summary>Of one client: at once, and again within <see cref="FailuresPer"/>. People mistype; a list of passwords is longer.</summary>
    public const int FailuresMax = 20;

    public static readonly TimeSpan FailuresPer = TimeSpan.FromMinutes(1);

    /// <summary>Verified, or waiting for it: beyond it, the last would wait too long.</summary>
    public const int UnderWayMax = 128;

    /// <summary>For a turn.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    /// <summary>Clients that have failed.</summary>
    private const int ClientsMax = 1 << 13;

    private static readonly PasswordVerdict Busy = new(PasswordOutcome.Busy);

    // The other half of the processors is left to requests.
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    private readonly Dictionary<(Users, UInt128), Task<PasswordVerdict>> _underWay = [];

    // What each client asked for last: its next one waits for that, so that many of one wait among themselves.
    private readonly Dictionary<ulong, Task> _lastOf = [];

    // Most nodes ask nobody for a password.
    private readonly Lazy<RateTable> _failures = new(() => new RateTable(FailuresMax, FailuresPer, FailuresMax, ClientsMax));

    /// <param name="pair">That of <see cref="Users.Verified"/>, into which it comes where it is right.</param>
    public Task<PasswordVerdict> CheckAsync(Users users, UInt128 pair, string name, string password, ClientKey client)
    {
        TaskCompletionSource<PasswordVerdict> answer;
        Task before;
        ulong key = RateKey.Of(client);
        lock (_underWay)
        {
            if (_underWay.TryGetValue((users, pair), out Task<PasswordVerdict>? same))
            {
                return same;
            }

            if (users.Verified.Has(pair, Now))
            {
                return Task.FromResult(new PasswordVerdict(PasswordOutcome.Right));
            }

            if (_underWay.Count >= UnderWayMax)
            {
                return Task.FromResult(Busy);
            }

            // Counted as failed until it is known, or who sends many at once would have them all verified.
            TimeSpan wait = _failures.Value.Take(key, Now);
            if (wait > TimeSpan.Zero)
            {
                return Task.FromResult(new PasswordVerdict(PasswordOutcome.FailedOften, wait));
            }

            answer = new TaskCompletionSource<PasswordVerdict>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay.Add((users, pair), answer.Task);
            before = _lastOf.GetValueOrDefault(key, Task.CompletedTask);
            _lastOf[key] = answer.Task;
        }

        _ = AnswerAsync(answer, before, users, pair, () => verify(users, name, password), key);
        return answer.Task;
    }

    private TimeSpan Now => time.GetElapsedTime(0);

    private async Task AnswerAsync(TaskCompletionSource<PasswordVerdict> answer, Task before, Users users, UInt128 pair, Func<bool> look, ulong client)
    {
        PasswordVerdict verdict = Busy;
        try
        {
            verdict = await VerifyAsync(before, look).ConfigureAwait(false);
            if (verdict.Outcome == PasswordOutcome.Right)
            {
                users.Verified.Add(pair, Now);
            }
        }
        catch (Exception e)
        {
            answer.SetException(e);
        }
        finally
        {
            if (verdict.Outcome != PasswordOutcome.Wrong)
            {
                _failures.Value.GiveBack(client);
            }

            lock (_underWay)
            {
                _underWay.Remove((users, pair));
                if (_lastOf.GetValueOrDefault(client) == answer.Task)
                {
                    _lastOf.Remove(client);
                }
            }

            answer.TrySetResult(verdict);
        }
    }

    // A thread of the pool that computes for so long would be missing to requests.
    private async Task<PasswordVerdict> VerifyAsync(Task before, Func<bool> look)
    {
        using var limit = new CancellationTokenSource(WaitMax, time);
        try
        {
            await before.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            limit.Token.ThrowIfCancellationRequested();
            await _turns.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Busy;
        }

        try
        {
            bool isRight = await Task.Factory.StartNew(look, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return new PasswordVerdict(isRight ? PasswordOutcome.Right : PasswordOutcome.Wrong);
        }
        finally
        {
            _turns.Release();
        }
    }
}
