using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Nodes;

/// <summary>Every address of a name is a backend, while the name changes.</summary>
public sealed class NamedBackendsTests : NamedServers
{
    [Fact]
    public async Task A_node_serves_what_its_name_leads_to_from_the_first_request()
    {
        await StartBothAsync(TimeSpan.Zero);
        var seen = new HashSet<string>();
        for (int i = 0; i < 4; i++)
        {
            seen.Add((await AskAsync(null)).Server);
        }

        Assert.Equal(["127.0.0.2", "127.0.0.3"], seen.Order());
    }

    [Fact]
    public async Task A_server_that_comes_gets_its_share_and_one_that_leaves_the_name_keeps_its_sessions_until_it_is_down()
    {
        await StartBothAsync(TimeSpan.Zero);
        (string home, string? cookie) = await SessionOnAsync("127.0.0.2");
        await ServeAsync("127.0.0.4");
        LeadTo("127.0.0.3", "127.0.0.4");
        await UntilAsync(async () => (await AskAsync(null)).Server == "127.0.0.4");
        await UntilAsync(() => Task.FromResult(!TakesNewSessions("127.0.0.2")));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(home, (await AskAsync(cookie)).Server);
            Assert.NotEqual(home, (await AskAsync(null)).Server);
        }

        Assert.Equal(OperatorState.Draining, Pool.Backends.Single(b => b.Id.StartsWith("127.0.0.2", StringComparison.Ordinal)).Operator);

        // A look-up that fails changes nothing.
        LeadTo(null);
        Assert.Equal(home, (await AskAsync(cookie)).Server);

        await EndAsync("127.0.0.2");
        (string moved, string? again) = await AskAsync(cookie);
        Assert.NotEqual(home, moved);
        Assert.Equal(moved, (await AskAsync(again)).Server);
        await UntilAsync(() => Task.FromResult(!Has("127.0.0.2")));

        // And with it what was known of it.
        await UntilAsync(() => Task.FromResult(Node.Plane.Traffic.Keys.All(b => !b.Id.StartsWith("127.0.0.2", StringComparison.Ordinal))));
        string metrics = await MetricsAsync();
        Assert.Contains("backend=\"127.0.0.3", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("backend=\"127.0.0.2", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sessions_of_a_server_that_left_the_name_move_at_the_pools_deadline_though_it_still_serves()
    {
        await StartBothAsync(deadline: TimeSpan.FromSeconds(2));
        (string home, string? cookie) = await SessionOnAsync("127.0.0.2");
        LeadTo("127.0.0.3");
        await UntilAsync(() => Task.FromResult(!TakesNewSessions("127.0.0.2")));

        // Nobody asks in the meantime: the session moves by itself, before its backend is forgotten.
        await UntilAsync(() => Task.FromResult(!Has("127.0.0.2")));
        BackendKey only = Assert.Single(Node.Plane.Tables["web"].CountByBackend(Node.Plane.Clock.Ending, TimeSpan.FromMinutes(30))).Key;
        Assert.Equal(BackendKey.Of($"127.0.0.3:{Port}"), only);

        (string moved, string? again) = await AskAsync(cookie);
        Assert.Equal(("127.0.0.2", "127.0.0.3"), (home, moved));
        Assert.Equal(moved, (await AskAsync(again)).Server);
    }

    private bool TakesNewSessions(string host) =>
        Pool.Backends.Any(b => b.Id.StartsWith(host, StringComparison.Ordinal) && b.TakesNewSessions);

    private bool Has(string host) => Pool.Backends.Any(b => b.Id.StartsWith(host, StringComparison.Ordinal));

    private async Task StartBothAsync(TimeSpan deadline)
    {
        await ServeAsync("127.0.0.2");
        await ServeAsync("127.0.0.3");
        LeadTo("127.0.0.2", "127.0.0.3");
        await StartAsync(TestPools.Pool("web", []) with { Names = [new NamedBackends("web", Port, 1)], DrainDeadline = deadline });
    }
}
