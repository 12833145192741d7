using ActorLb.Engine.Lanes;
using ActorLb.Node.Configuration;
using ActorLb.Node.Reloads;
using ActorLb.Node.Tokens;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Configuration;
using ActorLb.Tests.Topologies;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Reloads;

public sealed class ConfigurationReloadTests : IDisposable
{
    private const string Good = "listeners.http.bind = \"127.0.0.1:18080\"\n" + Reading.OnePool;

    private readonly TestTarget _target;
    private readonly LiveTopology _live;
    private readonly AdminTokens _tokens;
    private readonly ConfigurationReload _reload;
    private string _text = Good;
    private int _reads;

    public ConfigurationReloadTests()
    {
        NodeSettings started = Reading.Read(Good).Settings!;
        _target = new TestTarget(started.Topology);
        _live = new LiveTopology(started.Topology, _target);
        _tokens = new AdminTokens(started.Admin);
        _reload = new ConfigurationReload(started, _live, _tokens, Read, TimeProvider.System, new ReloadLog(NullLogger.Instance));
    }

    public void Dispose()
    {
        _reload.Dispose();
        _live.Dispose();
    }

    [Fact]
    public async Task What_the_files_say_otherwise_is_in_force_and_told()
    {
        _reload.Open();
        _text = Good + "\nlimits.idle-timeout = 3m";
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal((ReloadOutcome.Changed, "limits.idle-timeout: 130s -> 3m"), (report.Outcome, Assert.Single(report.Changes).ToString()));
        Assert.NotEqual(report.Before, report.After);
        Assert.Equal(TimeSpan.FromMinutes(3), _target.InForce.Limits.IdleTimeout);
        Assert.Equal(ReloadOutcome.Unchanged, (await _reload.ReloadAsync(ReloadCause.Request)).Outcome);
        Assert.Equal((1, 1, 0), (_reload.Status.Changed, _reload.Status.Unchanged, _reload.Status.Refused));
    }

    [Fact]
    public async Task Tokens_of_the_admin_API_follow_the_files_and_a_reload_never_opens_it()
    {
        const string Two = "\nadmin.tokens = [{ name = ci, token = a-token-of-ci, role = operate }, { name = eve, token = a-token-of-eve, role = read }]";
        _reload.Open();
        Assert.False(_tokens.AreNeeded);
        _text = Good + Two;
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request, isTrial: true);
        Assert.Equal(["admin.tokens.ci", "admin.tokens.eve"], report.Changes.Select(c => c.Key));
        Assert.False(_tokens.AreNeeded);

        report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal(ReloadOutcome.Changed, report.Outcome);
        Assert.NotEqual(report.Before, report.After);
        Assert.Equal(_live.State.Fingerprint, report.After);
        Assert.Equal("admin.tokens.eve: (none) -> { role = read, token = (secret) }", report.Changes[1].ToString());
        Assert.Equal(("ci", "eve", null), (_tokens.Find("a-token-of-ci")?.Name, _tokens.Find("a-token-of-eve")?.Name, _tokens.Find("guess")?.Name));

        // Revoked, and another one given to the other.
        _text = Good + "\nadmin.tokens = [{ name = ci, token = another-token-of-ci, role = operate }]";
        report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal(
            ["admin.tokens.ci: { role = operate, token = (secret) } -> (another secret)", "admin.tokens.eve: { role = read, token = (secret) } -> (none)"],
            report.Changes.Select(c => c.ToString()));
        Assert.Equal((null, null, "ci"), (_tokens.Find("a-token-of-ci")?.Name, _tokens.Find("a-token-of-eve")?.Name, _tokens.Find("another-token-of-ci")?.Name));
        Assert.Equal(ReloadOutcome.Unchanged, (await _reload.ReloadAsync(ReloadCause.Request)).Outcome);

        // None at all, and tokens that were judged by another address, wait for a new start.
        foreach (string waits in (string[])["", Two + "\nadmin.bind = \"127.0.0.1:18090\""])
        {
            _text = Good + waits;
            report = await _reload.ReloadAsync(ReloadCause.Request);
            Assert.Equal(ReloadOutcome.Unchanged, report.Outcome);
            Assert.Contains(report.NeedStart, d => d.Key == "admin.tokens.ci");
            Assert.Equal(report.Before, report.After);
            Assert.Equal("ci", _tokens.Find("another-token-of-ci")?.Name);
        }
    }

    [Fact]
    public async Task A_mistake_changes_nothing_and_is_told_with_its_place_until_the_next_good_one()
    {
        _reload.Open();
        DateTimeOffset loaded = _reload.Status.LoadedAt;
        _text = Good + "\nlimits.idle-timeout = 5";
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal((ReloadOutcome.Refused, false), (report.Outcome, report.IsImpossible));
        ReloadMistake mistake = Assert.Single(report.Mistakes);
        Assert.Equal(("node.conf", 4, "actorlb.limits.idle-timeout"), (mistake.File, mistake.Line, mistake.Key));
        Assert.Equal((0, loaded), (_target.Prepared, _reload.Status.LoadedAt));
        Assert.Single(_reload.Status.Mistakes);

        _text = Good;
        Assert.Equal(ReloadOutcome.Unchanged, (await _reload.ReloadAsync(ReloadCause.Request)).Outcome);
        Assert.Empty(_reload.Status.Mistakes);
    }

    [Fact]
    public async Task What_this_node_cannot_run_is_told_where_it_was_written()
    {
        _reload.Open();
        _text = Good + "\nlimits.idle-timeout = 3m";
        _target.PrepareFails = new IOException("cannot listen on 127.0.0.1:18080 (listeners.http.bind): another process listens there");
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal((ReloadOutcome.Refused, true), (report.Outcome, report.IsImpossible));
        ReloadMistake mistake = Assert.Single(report.Mistakes);
        Assert.Equal(("node.conf", 2, "actorlb.listeners.http.bind"), (mistake.File, mistake.Line, mistake.Key));

        // What nobody wrote is a matter of the file as a whole.
        _target.PrepareFails = new LaneUnavailableException("http", "this system has no epoll");
        mistake = Assert.Single((await _reload.ReloadAsync(ReloadCause.Request)).Mistakes);
        Assert.StartsWith("actorlb.listeners.http", mistake.Key, StringComparison.Ordinal);
        Assert.Equal(2, _reload.Status.Refused);
    }

    [Fact]
    public async Task A_static_key_is_told_for_as_long_as_it_is_another_and_the_rest_is_in_force()
    {
        _reload.Open();
        _text = Good + "\nnode.name = other, cluster.port = 8111, limits { idle-timeout = 3m, session-feed-length = 5 }";
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal(["node.name", "cluster.port", "limits.session-feed-length"], report.NeedStart.Select(k => k.Key));
        Assert.Equal((ReloadOutcome.Changed, "limits.idle-timeout"), (report.Outcome, Assert.Single(report.Changes).Key));

        // A mistake says nothing about them.
        _text = "pools {";
        await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal(3, _reload.Status.NeedStart.Length);

        _text = Good;
        await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Empty(_reload.Status.NeedStart);
    }

    [Fact]
    public async Task A_trial_changes_nothing_and_counts_for_nothing()
    {
        _reload.Open();
        _text = Good + "\nlimits.idle-timeout = 3m";
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request, isTrial: true);
        Assert.Equal((ReloadOutcome.Changed, true), (report.Outcome, report.IsTrial));
        Assert.Equal((0, 0), (_target.Committed, _target.Open));
        Assert.Null(_reload.Status.Last);
    }

    [Fact]
    public async Task What_a_change_costs_clients_is_told_and_done()
    {
        _reload.Open();
        _text = Good + "\npools.web.affinity.cookie.name = SID";
        ReloadReport report = await _reload.ReloadAsync(ReloadCause.Request);
        Assert.Equal(ReloadOutcome.Changed, report.Outcome);
        Assert.Contains(report.Warnings, w => w.StartsWith("pools.web.affinity.cookie.name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_asked_for_before_the_node_serves_is_done_then_and_once()
    {
        _reload.Ask(ReloadCause.Signal);
        _reload.Ask(ReloadCause.Signal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _reload.ReloadAsync(ReloadCause.Request));
        Assert.Equal(0, _reads);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _live.Changed += _ => done.SetResult();
        _text = Good + "\nlimits.idle-timeout = 3m";
        _reload.Open();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await _reload.CloseAsync();
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task A_node_that_stops_reads_nothing_any_more()
    {
        _reload.Open();
        await _reload.CloseAsync();
        _reload.Ask(ReloadCause.Signal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _reload.ReloadAsync(ReloadCause.Request));
        Assert.Equal(0, _reads);
    }

    private ConfigurationResult Read()
    {
        Interlocked.Increment(ref _reads);
        return Reading.Read(_text);
    }
}
