using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;

namespace GrpcSample;

/// <summary>Asks three times and has a stream of five, with a cookie jar, so that it stays on one server.</summary>
internal static class Client
{
    /// <returns>0 where every call was answered, else 1.</returns>
    public static async Task<int> RunAsync(Uri url, bool web)
    {
        HttpMessageHandler handler = new SocketsHttpHandler { UseCookies = true, CookieContainer = new CookieContainer() };
        using GrpcChannel channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions
        {
            HttpHandler = web ? new GrpcWebHandler(GrpcWebMode.GrpcWeb, handler) : handler,

            // gRPC-Web goes over either, and a listener without TLS speaks HTTP/1.1.
            HttpVersion = web ? HttpVersion.Version11 : HttpVersion.Version20,
        });
        var counting = new Counting.CountingClient(channel);
        try
        {
            for (int i = 0; i < 3; i++)
            {
                Count count = await counting.NextAsync(new NextRequest());
                Console.WriteLine($"{count.Server} {count.Value}");
            }

            using AsyncServerStreamingCall<Count> stream = counting.CountTo(new CountToRequest { Last = 5 });
            await foreach (Count count in stream.ResponseStream.ReadAllAsync())
                Console.WriteLine($"{count.Server} stream {count.Value}");
            return 0;
        }
        catch (RpcException e)
        {
            Console.WriteLine($"{e.StatusCode}: {e.Status.Detail}");
            return 1;
        }
    }
}
