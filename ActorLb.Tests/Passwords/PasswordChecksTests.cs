using System.Net;
using System.Text;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Passwords;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Passwords;

/// <summary>How often a node verifies, with passwords that are right where they begin with "right".</summary>
public sealed class PasswordChecksTests : IDisposable
{
    private static readonly ClientKey Client = ClientKey.Of(IPAddress.Parse("10.0.0.1"));

    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _isOpen = new(initialState: true);
    private readonly Users _users = new("u", Encoding.UTF8.GetBytes(HtpasswdFile.Text), "");
    private readonly PasswordChecks _checks;
    private int _verified;

    public PasswordChecksTests() => _checks = new PasswordChecks(_time, (_, _, password) =>
    {
        _isOpen.Wait();
        Interlocked.Increment(ref _verified);
        return password.StartsWith("right", StringComparison.Ordinal);
    });

    public void Dispose() => _isOpen.Dispose();

    [Fact]
    public async Task A_pair_that_was_right_is_known_and_one_that_was_wrong_is_not()
    {
        Assert.Equal(PasswordOutcome.Right, (await CheckAsync("right")).Outcome);
        Assert.Equal(PasswordOutcome.Wrong, (await CheckAsync("wrong")).Outcome);

        Assert.True(_users.Verified.Has(Pair("right"), _time.GetElapsedTime(0)));
        Assert.False(_users.Verified.Has(Pair("wrong"), _time.GetElapsedTime(0)));
        Assert.Equal(PasswordOutcome.Right, (await CheckAsync("right")).Outcome);
        Assert.Equal(2, _verified);
    }

    [Fact]
    public async Task A_pair_that_many_bring_at_once_is_verified_once_and_counts_as_one()
    {
        _isOpen.Reset();
        Task<PasswordVerdict>[] all = [.. Enumerable.Range(0, 1000).Select(_ => CheckAsync("right"))];
        _isOpen.Set();

        Assert.All(await Task.WhenAll(all), v => Assert.Equal(PasswordOutcome.Right, v.Outcome));
        Assert.Equal(1, _verified);
    }

    [Fact]
    public async Task A_client_that_fails_too_often_waits_and_nothing_is_verified_for_it()
    {
        for (int i = 0; i < PasswordChecks.FailuresMax; i++)
        {
            Assert.Equal(PasswordOutcome.Wrong, (await CheckAsync($"wrong{i}")).Outcome);
        }

        Assert.Equal(new PasswordVerdict(PasswordOutcome.FailedOften, TimeSpan.FromSeconds(3)), await CheckAsync("right"));
        Assert.Equal(PasswordChecks.FailuresMax, _verified);
        Assert.Equal(PasswordOutcome.Right, (await CheckAsync("right", "10.0.0.2")).Outcome);

        // From there on it is known, and asks nobody.
        Assert.Equal(PasswordOutcome.Right, (await CheckAsync("right")).Outcome);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(PasswordOutcome.Wrong, (await CheckAsync("wrong")).Outcome);
        Assert.Equal(PasswordOutcome.FailedOften, (await CheckAsync("wrong")).Outcome);
    }

    [Fact]
    public async Task Passwords_that_are_right_do_not_count_against_a_client()
    {
        for (int i = 0; i < 3 * PasswordChecks.FailuresMax; i++)
        {
            Assert.Equal(PasswordOutcome.Right, (await CheckAsync($"right{i}")).Outcome);
        }
    }

    [Fact]
    public async Task Who_sends_many_at_once_has_no_more_of_them_verified()
    {
        _isOpen.Reset();
        Task<PasswordVerdict>[] all = [.. Enumerable.Range(0, 100).Select(i => CheckAsync($"wrong{i}"))];
        _isOpen.Set();

        PasswordVerdict[] verdicts = await Task.WhenAll(all);
        Assert.Equal(PasswordChecks.FailuresMax, verdicts.Count(v => v.Outcome == PasswordOutcome.Wrong));
        Assert.Equal(100 - PasswordChecks.FailuresMax, verdicts.Count(v => v.Outcome == PasswordOutcome.FailedOften));
        Assert.Equal(PasswordChecks.FailuresMax, _verified);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task So_many_are_under_way_and_one_more_is_refused(int more)
    {
        _isOpen.Reset();
        int count = PasswordChecks.UnderWayMax + more;
        Task<PasswordVerdict>[] all = [.. Enumerable.Range(0, count).Select(i => CheckAsync($"right{i}", $"10.0.1.{i}"))];

        Assert.Equal(more, all.Count(t => t.IsCompleted));
        _isOpen.Set();
        PasswordVerdict[] verdicts = await Task.WhenAll(all);
        Assert.Equal(more, verdicts.Count(v => v.Outcome == PasswordOutcome.Busy));
        Assert.Equal(PasswordOutcome.Right, (await CheckAsync("right after all")).Outcome);
    }

    [Fact]
    public async Task Who_has_no_turn_in_time_is_refused_and_not_counted_as_failed()
    {
        int atOnce = Math.Max(1, Environment.ProcessorCount / 2);
        _isOpen.Reset();
        Task<PasswordVerdict>[] all = [.. Enumerable.Range(0, atOnce + PasswordChecks.FailuresMax - 1).Select(i => CheckAsync($"right{i}", i < atOnce ? $"10.0.2.{i}" : null))];
        _time.Advance(PasswordChecks.WaitMax);

        Assert.All(await Task.WhenAll(all[atOnce..]), v => Assert.Equal(PasswordOutcome.Busy, v.Outcome));
        _isOpen.Set();
        Assert.All(await Task.WhenAll(all[..atOnce]), v => Assert.Equal(PasswordOutcome.Right, v.Outcome));
        for (int i = 0; i < PasswordChecks.FailuresMax; i++)
        {
            Assert.Equal(PasswordOutcome.Wrong, (await CheckAsync($"wrong{i}")).Outcome);
        }
    }

    private UInt128 Pair(string password) => _users.Verified.Of(Encoding.UTF8.GetBytes($"a:{password}"));

    private Task<PasswordVerdict> CheckAsync(string password, string? client = null) =>
        _checks.CheckAsync(_users, Pair(password), "a", password, client is null ? Client : ClientKey.Of(IPAddress.Parse(client)));
}
