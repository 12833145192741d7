using System.Net;
using Microsoft.AspNetCore.SignalR.Client;
using SignalRClient;

// SignalRClient URL… [--transport WebSockets|ServerSentEvents|LongPolling] [--no-cookies] [--skip-negotiation] [--say TEXT]
// Asks each hub in turn who serves this client, once a second until Ctrl+C or the number of --times, and prints it. Ends
// with 1 where it cannot connect.
Arguments arguments = Arguments.Of(args);
var jar = new CookieContainer();

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};

List<HubConnection> connections = [];
foreach (Uri url in arguments.Hubs)
{
    HubConnection connection = new HubConnectionBuilder()
        .WithUrl(url, options =>
        {
            options.Transports = arguments.Transport;
            options.SkipNegotiation = arguments.SkipNegotiation;

            // One jar for all connections of a program makes them one session; without one here, each has its own.
            options.Cookies = jar;
            if (!arguments.Cookies)
                options.HttpMessageHandlerFactory = _ => new SocketsHttpHandler { UseCookies = false };
        })
        .WithAutomaticReconnect(new EverySecond())
        .Build();
    connection.On<string, string>("said", (server, text) => Console.WriteLine($"{url.Authority} heard from {server}: {text}"));
    connection.Reconnecting += why => Say($"{url.Authority} lost: {why?.Message}");
    connection.Reconnected += _ => Say($"{url.Authority} is back");
    try
    {
        await connection.StartAsync(stop.Token);
    }
    catch (Exception e) when (e is AggregateException or HttpRequestException or InvalidOperationException)
    {
        Console.WriteLine($"{url.Authority} {e.Message}");
        return 1;
    }

    connections.Add(connection);
}

for (int i = 0; i < arguments.Times && !stop.IsCancellationRequested; i++)
{
    foreach ((HubConnection connection, Uri url) in connections.Zip(arguments.Hubs))
    {
        try
        {
            Console.WriteLine($"{url.Authority} {await connection.InvokeAsync<string>("Who", stop.Token)}");
            if (arguments.Text is { } text)
                await connection.InvokeAsync("Say", text, stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Console.WriteLine($"{url.Authority} {e.GetType().Name}: {e.Message}");
        }
    }

    await Task.Delay(TimeSpan.FromSeconds(1), stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
}

return 0;

static Task Say(string line)
{
    Console.WriteLine(line);
    return Task.CompletedTask;
}

internal sealed class EverySecond : IRetryPolicy
{
    public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromSeconds(1);
}
