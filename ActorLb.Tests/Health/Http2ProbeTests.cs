using System.Buffers.Binary;
using System.Net.Sockets;
using ActorLb.Engine.Backends;
using ActorLb.Engine.Certificates;
using ActorLb.Engine.Http2;
using ActorLb.Node.Health;
using ActorLb.Shared.Settings;
using ActorLb.Tests.Lane;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ActorLb.Tests.Health;

/// <summary>Probes of pools that speak HTTP/2, against servers that do, and that do not.</summary>
public sealed class Http2ProbeTests
{
    [Theory]
    [InlineData(200, true, "200")]
    [InlineData(503, false, "GET /healthz: 503, expected 200-299")]
    public async Task An_http_probe_goes_over_http2(int status, bool passes, string detail)
    {
        string protocol = "";
        await using Lane.SampleBackend backend = await Lane.SampleBackend.OfHttp2Async(context =>
        {
            protocol = context.Request.Protocol;
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("well");
        });

        ProbeResult result = await ProbeAsync(Pools.Health with { BodyContains = status == 200 ? "well" : "" }, backend.Address);

        Assert.Equal((passes, detail, "HTTP/2"), (result.Passed, result.Detail, protocol));
        Assert.Equal("ActorLb-Probe", Assert.Single(backend.Seen)["User-Agent"]);
    }

    [Fact]
    public async Task Who_does_not_speak_it_fails_and_says_why()
    {
        await using Lane.SampleBackend backend = await Lane.SampleBackend.NamedAsync("a");

        ProbeResult result = await ProbeAsync(Pools.Health, backend.Address);

        Assert.Equal((false, "HTTP/2: the backend does not speak it at this port (ProtocolError)"), (result.Passed, result.Detail));
    }

    [Theory]
    [InlineData(1, "", true, "SERVING")]
    [InlineData(2, "", false, "Health/Check: NOT_SERVING")]
    [InlineData(0, "", false, "Health/Check: UNKNOWN")]
    [InlineData(3, "shop.Orders", false, "Health/Check shop.Orders: SERVICE_UNKNOWN")]
    [InlineData(1, "shop.Orders", true, "SERVING")]
    public async Task A_grpc_probe_asks_how_the_server_is(byte status, string service, bool passes, string detail)
    {
        byte[] asked = [];
        string? type = null;
        await using Lane.SampleBackend backend = await Lane.SampleBackend.OfHttp2Async(async context =>
        {
            type = context.Request.ContentType;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            asked = body.ToArray();
            context.Response.ContentType = "application/grpc";
            byte[] message = status == 0 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, 0x08, status];
            await context.Response.Body.WriteAsync(message);
            context.Response.AppendTrailer("grpc-status", "0");
        });

        ProbeResult result = await ProbeAsync(Pools.Health with { Probe = ProbeKind.Grpc, GrpcService = service }, backend.Address);

        Assert.Equal((passes, detail), (result.Passed, result.Detail));
        Assert.Equal(("POST", "/grpc.health.v1.Health/Check", "application/grpc"), (backend.Seen.Single().Method, backend.Seen.Single().Target, type));
        Assert.Equal(service.Length == 0 ? 0 : service.Length + 2, BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(1)));
        Assert.EndsWith(service, System.Text.Encoding.UTF8.GetString(asked), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("12", "Health/Check: UNIMPLEMENTED: it has no service of health")]
    [InlineData("5", "Health/Check: NOT_FOUND: it knows no such service")]
    [InlineData("99999", "Health/Check: gRPC status ?")]
    [InlineData("14", "Health/Check: gRPC status 14")]
    public async Task A_status_in_the_head_is_the_whole_answer(string status, string detail)
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            await server.WriteHeadAsync(id, true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", status));
            await server.UntilClosedAsync();
        });

        ProbeResult result = await ProbeAsync(Pools.Health with { Probe = ProbeKind.Grpc }, backend.Address);

        Assert.Equal((false, detail), (result.Passed, result.Detail));
    }

    [Theory]
    [InlineData("no-status", "Health/Check: the answer has no grpc-status")]
    [InlineData("status-404", "Health/Check: 404")]
    [InlineData("reset", "HTTP/2: the backend reset the stream (InternalError)")]
    [InlineData("large", "Health/Check: the answer ends within its body")]
    public async Task An_answer_that_is_none_of_grpc_fails(string what, string detail)
    {
        await using RawBackend backend = RawHttp2Server.Backend(async (server, _) =>
        {
            int id = (await server.ReadRequestAsync()).Id;
            switch (what)
            {
                case "no-status":
                    await server.AnswerAsync(id, "hello");
                    break;
                case "status-404":
                    await server.WriteHeadAsync(id, true, (":status", "404"));
                    break;
                case "reset":
                    await server.WriteAsync(FrameType.ResetStream, 0, id, [0, 0, 0, 2]);
                    break;
                case "large":
                    await server.WriteHeadAsync(id, false, (":status", "200"));
                    await server.WriteDataAsync(id, new string('x', 16_000), ends: false);
                    await server.WriteDataAsync(id, new string('x', 16_000), ends: true);
                    break;
            }

            await server.UntilClosedAsync();
        });

        ProbeResult result = await ProbeAsync(Pools.Health with { Probe = ProbeKind.Grpc }, backend.Address);

        Assert.Equal((false, detail), (result.Passed, result.Detail));
    }

    [Fact]
    public async Task Nobody_there_is_refused()
    {
        (Uri address, Socket owner) = NoBackend.Refusing();
        using Socket _ = owner;

        ProbeResult result = await ProbeAsync(Pools.Health with { Probe = ProbeKind.Grpc }, address);

        Assert.Equal((false, "connection refused", true), (result.Passed, result.Detail, result.CouldNotConnect));
    }

    private static async Task<ProbeResult> ProbeAsync(HealthSettings settings, Uri backend)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var target = new ProbeTarget(backend, 0, new BackendAddresses(), new BackendTls(BackendTlsSettings.Default, TimeProvider.System))
        {
            Protocol = BackendProtocol.Http2,
        };
        using IProbe probe = Probes.Of(settings, target, "http");
        return await probe.ProbeAsync(limit.Token);
    }
}
