using System.Diagnostics;
using System.Globalization;
using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;

namespace ActorLb.Engine.Exchanges;

/// <summary>
/// What spans of requests say, by the names of OpenTelemetry's semantic conventions where there are any. No query, no cookie and no ticket: they hold what is
/// nobody's affair.
/// </summary>
internal static class SpanTexts
{
    /// <summary>Characters of a text that a client sent: spans wait in memory, and clients may send long ones.</summary>
    public const int TextMax = 1024;

    /// <summary>What the specification asks intermediaries to keep at least (Trace Context Level 2, 3.3.1.5).</summary>
    private const int StateMax = 512;

    private const string OtherMethod = "_OTHER";

    public static string MethodOf(IExchange exchange) => exchange.Head.Method switch
    {
        RequestMethod.Get => "GET",
        RequestMethod.Head => "HEAD",
        RequestMethod.Post => "POST",
        RequestMethod.Put => "PUT",
        RequestMethod.Delete => "DELETE",
        RequestMethod.Connect => "CONNECT",
        RequestMethod.Options => "OPTIONS",
        RequestMethod.Trace => "TRACE",
        RequestMethod.Patch => "PATCH",
        _ => "HTTP",
    };

    /// <summary>tracestate of a trace that goes on; null: there is none.</summary>
    public static string? StateOf(IExchange exchange) =>
        exchange.Trace.GoesOn && exchange.Head.Fields.Has(KnownField.TraceState)
        && RequestFields.Joined(exchange.Source, exchange.Fields, KnownField.TraceState) is { Length: > 0 and <= StateMax } state ? state : null;

    /// <summary>What is known of a request from its head.</summary>
    public static void Describe(Activity? span, IExchange exchange)
    {
        if (span is null)
        {
            return;
        }

        ReadOnlySpan<byte> source = exchange.Source;
        ref readonly RequestHead head = ref exchange.Head;
        SetMethod(span, source, head);
        ReadOnlySpan<byte> path = head.Target.PathAndQuery.Of(source);
        int query = path.IndexOf((byte)'?');
        span.SetTag("url.path", TextOf(query < 0 ? path : path[..query]));
        bool isSecure = exchange.IsSecure;
        span.SetTag("url.scheme", isSecure ? "https" : "http");
        (string host, int port) = HostOf(TextOf(head.Authority.Of(source)), isSecure);
        span.SetTag("server.address", host);
        span.SetTag("server.port", port);
        span.SetTag("client.address", exchange.ClientAddress.ToString());
        span.SetTag("network.protocol.version", VersionOf(head.Version));
    }

    /// <summary>An attempt at a backend.</summary>
    public static void Describe(Activity span, IExchange exchange, BackendSnapshot backend)
    {
        SetMethod(span, exchange.Head.Method);
        span.SetTag("server.address", backend.Address.Host);
        span.SetTag("server.port", backend.Address.Port);
        span.SetTag("actorlb.pool", exchange.Assignment.Pool.Name);
        span.SetTag("actorlb.backend", backend.Id);
        if (exchange.Times.Attempts > 1)
        {
            span.SetTag("http.request.resend_count", exchange.Times.Attempts - 1);
        }
    }

    /// <summary>What has become of a request.</summary>
    /// <param name="route">Null: none was found, or looked for.</param>
    public static void Describe(Activity span, in Assignment assignment, string? route, int attempts, long queueTicks)
    {
        if (!string.IsNullOrEmpty(route))
        {
            span.DisplayName = $"{span.OperationName} {route}";
            span.SetTag("http.route", route);
        }

        span.SetTag("actorlb.attempts", attempts);
        if (queueTicks > 0)
        {
            span.SetTag("actorlb.queue.seconds", TimeSpan.FromTicks(queueTicks).TotalSeconds);
        }

        if (assignment.Pool is { } pool)
        {
            span.SetTag("actorlb.pool", pool.Name);
            span.SetTag("actorlb.session", SessionOf(assignment));
        }

        if (assignment.Backend is { } backend)
        {
            span.SetTag("actorlb.backend", backend.Id);
        }
    }

    /// <summary>A session that moved.</summary>
    public static void Describe(Activity span, in Assignment assignment, MoveReason why)
    {
        span.SetTag("actorlb.pool", assignment.Pool.Name);
        span.SetTag("actorlb.backend", assignment.Backend?.Id);
        span.SetTag("actorlb.reason", why.ToString().ToLowerInvariant());
    }

    /// <param name="status">0: there was no answer.</param>
    /// <param name="failsFrom">The least status that is a failure of what the span is of: 400 of a caller, 500 of who is called.</param>
    public static void Conclude(Activity span, int status, FailureReason failure, int failsFrom)
    {
        if (status > 0)
        {
            span.SetTag("http.response.status_code", status);
        }

        FailureAnswer? reason = failure == FailureReason.None ? null : FailureAnswer.Of(failure);
        if (reason is not null)
        {
            span.SetTag("actorlb.reason", reason.Name);
        }

        // An answer that was cut off began as a good one. What an operator had closed went as it was meant to.
        if (status > 0 && status < failsFrom && IsAskedFor(failure))
        {
            return;
        }

        if (status >= failsFrom || (status < 400 && reason is { BlamesClient: false, Reason: not FailureReason.AnsweredByRoute }))
        {
            span.SetTag("error.type", reason?.Name ?? status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error, reason?.Text);
        }
    }

    // Of what was open and had to leave its place; that a backend is down nobody asked for.
    private static bool IsAskedFor(FailureReason failure) => failure
        is FailureReason.SessionMoved or FailureReason.SessionEnded or FailureReason.BackendDrained or FailureReason.BackendInMaintenance or FailureReason.BackendRemoved or FailureReason.NodeStopping;

    private static string SessionOf(in Assignment assignment) =>
        assignment.Left is not null ? "moved"
        : assignment.IsAdopted ? "adopted"
        : assignment.IsBound ? "kept"
        : assignment.HasSession ? "new" : "none";

    private static void SetMethod(Activity span, ReadOnlySpan<byte> source, in RequestHead head)
    {
        SetMethod(span, head.Method);
        if (head.Method == RequestMethod.Other)
        {
            span.SetTag("http.request.method_original", TextOf(head.MethodName.Of(source)));
        }
    }

    private static void SetMethod(Activity span, RequestMethod method) =>
        span.SetTag("http.request.method", method == RequestMethod.Other ? OtherMethod : span.OperationName);

    private static (string Host, int Port) HostOf(string authority, bool isSecure)
    {
        int colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? (authority[..colon], port)
            : (authority, isSecure ? 443 : 80);
    }

    private static string VersionOf(MessageVersion version) => version switch
    {
        MessageVersion.Http3 => "3",
        MessageVersion.Http2 => "2",
        MessageVersion.Http11 => "1.1",
        _ => "1.0",
    };

    private static string TextOf(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets.Length <= TextMax ? octets : octets[..TextMax]);
}
