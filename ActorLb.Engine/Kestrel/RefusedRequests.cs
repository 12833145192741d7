using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using ActorLb.Engine.AccessLogs;
using ActorLb.Engine.Forwarding;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Names the reason on answers that the server gives by itself, before a request reaches us. The server announces
/// them by an event, and would write a bare status after it; so the answer is written here, whole.
/// </summary>
internal sealed class RefusedRequests(AccessLog? log, TimeProvider time) : IObserver<KeyValuePair<string, object?>>
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static IDisposable Watch(DiagnosticListener server, AccessLog? log, TimeProvider time) =>
        server.Subscribe(new RefusedRequests(log, time), static name => name == Event);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: Event, Value: IFeatureCollection features }
            && features.Get<IHttpResponseFeature>() is { HasStarted: false } response
            && features.Get<IHttpRequestFeature>() is { } request
            && !HttpProtocol.IsHttp2(request.Protocol)
            && features.Get<IConnectionTransportFeature>() is { } connection)
        {
            FailureAnswer failure = FailureAnswer.OfRefusal(response.StatusCode);
            string requestId = RequestIds.Next();
            int sent = Answer(
                failure, requestId, response, features.GetRequiredFeature<IHttpResponseBodyFeature>(), connection.Transport.Output, request.Method);
            if (log is not null)
            {
                AccessEntry.Write(log, features, failure, requestId, sent, time);
            }
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    // The server is between two reads of this connection and writes nothing itself until we return; starting an
    // answer and writing to the connection's pipe complete at once.
    private static int Answer(
        FailureAnswer failure, string requestId, IHttpResponseFeature response, IHttpResponseBodyFeature body, PipeWriter output, string method)
    {
        response.Headers[FailureAnswer.Header] = failure.Name;
        response.Headers[RequestIds.Header] = requestId;
        response.Headers.Connection = "close";
        response.Headers.ContentType = "text/plain";
        response.Headers.ContentLength = failure.Body.Length;
        if (body.StartAsync().IsCompletedSuccessfully && !HttpMethods.IsHead(method))
        {
            output.Write(failure.Body);
            return failure.Body.Length;
        }

        return 0;
    }
}
