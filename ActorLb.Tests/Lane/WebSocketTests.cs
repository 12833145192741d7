using System.Net.WebSockets;
using System.Text;
using ActorLb.Shared.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ActorLb.Tests.Lane;

public abstract class WebSocketTests(ListenerEngine engine)
{
    internal static Task<SampleBackend> EchoAsync(string name) => SampleBackend.StartAsync(
        async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await context.Response.WriteAsync(name);
                return;
            }

            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                string text = $"{name}:{Encoding.UTF8.GetString(buffer, 0, message.Count)}";
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, context.RequestAborted);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        },
        _ => { },
        app => app.UseWebSockets());

    internal static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, limit.Token);
        ValueWebSocketReceiveResult message = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
        return Encoding.UTF8.GetString(buffer, 0, message.Count);
    }

    [Fact]
    public async Task A_web_socket_echoes_on_the_backend_of_its_session_and_is_in_flight_for_its_life()
    {
        await using SampleBackend a = await EchoAsync("a");
        await using SampleBackend b = await EchoAsync("b");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address);
        using HttpResponseMessage page = await lane.SendAsync(HttpMethod.Get, "/");
        string ticket = TestLane.TicketOf(page)!;

        for (int i = 0; i < 3; i++)
        {
            await lane.GetAsync();

            // A client has its answer a moment before the request's place is given back.
            await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", ticket);
            await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);

            Assert.Equal("a:one", await EchoAsync(socket, "one"));
            Assert.Equal(1, lane.Traffic(a.Address).InFlight);
            Assert.Equal("a:two", await EchoAsync(socket, "two"));

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await TestLane.UntilAsync(() => lane.Traffic(a.Address).InFlight == 0);
        }

        Assert.Equal(0, lane.Traffic(a.Address).Failures);
    }

    [Fact]
    public async Task A_web_socket_that_opens_a_session_gets_its_ticket_with_the_switch()
    {
        await using SampleBackend a = await EchoAsync("a");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        await socket.ConnectAsync(new Uri($"ws://{lane.Endpoint}/echo"), CancellationToken.None);

        Assert.Contains(socket.HttpResponseHeaders!["Set-Cookie"], c => c.StartsWith("ALB=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signalr_client_stays_on_its_backend_through_negotiation_and_connection()
    {
        await using SampleBackend a = await HubAsync("a");
        await using SampleBackend b = await HubAsync("b");
        await using SampleBackend c = await HubAsync("c");
        await using TestLane lane = await TestLane.StartAsync(engine, a.Address, b.Address, c.Address);

        // Negotiation names a connection that only the negotiating server knows: any other one answers 404.
        for (int i = 0; i < 4; i++)
        {
            var cookies = new System.Net.CookieContainer();
            await using HubConnection connection = new HubConnectionBuilder()
                .WithUrl($"http://{lane.Endpoint}/hub", o => o.Cookies = cookies)
                .Build();
            await connection.StartAsync();
            string name = await connection.InvokeAsync<string>("Name");
            Assert.Equal(name, await connection.InvokeAsync<string>("Name"));
        }
    }

    internal static Task<SampleBackend> HubAsync(string name) => SampleBackend.StartAsync(
        context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        },
        builder =>
        {
            builder.Services.AddSingleton(new HubName(name));
            builder.Services.AddRouting();
            builder.Services.AddSignalR();
        },
        app =>
        {
            app.UseWebSockets();
            app.MapHub<NameHub>("/hub");
        });

    public sealed record HubName(string Value);

    public sealed class NameHub(HubName name) : Hub
    {
        public string Name() => name.Value;
    }
}
