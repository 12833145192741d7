using System.Net;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Nodes;
using ActorLb.Node.Reloads;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Server = ActorLb.Tests.Lane.SampleBackend;

namespace ActorLb.Tests.Nodes;

/// <summary>A whole node that was started from a file.</summary>
public sealed class NodeReloadTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorlb-reload-").FullName;
    private readonly string _address = LoopbackPorts.OwnAddress();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
    private int[] _ports = [];
    private Server _first = null!;
    private Server _second = null!;
    private BalancerNode _node = null!;

    private string ConfigurationFile => Path.Combine(_directory, "node.conf");

    public async Task InitializeAsync()
    {
        _ports = LoopbackPorts.Free(_address, 4);
        _first = await Server.NamedAsync("first");
        _second = await Server.NamedAsync("second");
        Write(_first);
        _node = new BalancerNode(ConfigurationLoader.Load([ConfigurationFile]).Settings!, NullLoggerFactory.Instance, TimeProvider.System);
        await _node.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Files_are_read_again_while_there_is_no_control_plane()
    {
        await _node.Control.StopAsync(default);
        Write(_second, "limits.idle-timeout = 3m");
        ReloadReport report = await ReloadAsync();
        Assert.Equal(ReloadOutcome.Changed, report.Outcome);
        Assert.Equal(TimeSpan.FromMinutes(3), _node.Plane.Topology.Limits.IdleTimeout);
    }

    [Fact]
    public async Task Another_backend_and_another_listener_serve_at_once_and_a_mistake_leaves_both()
    {
        Write(_second, $"listeners.more.bind = \"{_address}:{_ports[2]}\"");
        Assert.Equal(ReloadOutcome.Changed, (await ReloadAsync()).Outcome);
        Assert.Equal(["http", "more"], _node.Listeners.Keys.Order(StringComparer.Ordinal));
        Topology inForce = _node.Plane.Topology;

        Write(_first, $"listeners.more.bind = \"{_address}:{_ports[2]}\", access-log.path = \"{Path.Combine(_directory, "nowhere", "access.log")}\"");
        ReloadReport refused = await ReloadAsync();
        Assert.Equal((ReloadOutcome.Refused, true), (refused.Outcome, refused.IsImpossible));
        Assert.Equal(("actorlb.access-log.path", ConfigurationFile), (refused.Mistakes.Single().Key, refused.Mistakes.Single().File));
        Assert.Equal(inForce, _node.Plane.Topology);
        using HttpResponseMessage answer = await _client.GetAsync(new Uri($"http://{_address}:{_ports[2]}/"));
        Assert.NotEqual(HttpStatusCode.BadGateway, answer.StatusCode);
    }

    private Task<ReloadReport> ReloadAsync() => _node.Reloads.ReloadAsync(ReloadCause.Request);

    private void Write(Server backend, string more = "") => File.WriteAllText(ConfigurationFile, $$"""
        actorlb {
          node { name = lb1, data-dir = "{{Path.Combine(_directory, "data")}}", stop-delay = 0s }
          cluster { host = "{{_address}}", port = {{_ports[0]}}, discovery.seeds = ["{{_address}}:{{_ports[0]}}"], form-after = 100ms }
          admin.bind = "{{_address}}:{{_ports[3]}}"
          listeners.http.bind = "{{_address}}:{{_ports[1]}}"
          pools.web { backends = ["{{backend.Address.GetLeftPart(UriPartial.Authority)}}"], health.path = "/" }
          {{more}}
        }
        """);
}
