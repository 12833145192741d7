using ActorLb.Engine.Failures;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Http2.Client;

namespace ActorLb.Engine.Kestrel;

/// <summary>Our own answers to calls of gRPC: their clients look for a status of gRPC, in a head that is the whole answer (grpc/doc/PROTOCOL-HTTP2.md).</summary>
internal static class GrpcAnswer
{
    public const string ContentType = "application/grpc";
    public const string StatusField = "grpc-status";
    public const string MessageField = "grpc-message";

    private const int InvalidArgument = 3;
    private const int DeadlineExceeded = 4;
    private const int PermissionDenied = 7;
    private const int ResourceExhausted = 8;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;
    private const int Unknown = 2;

    /// <summary>The request is such a call.</summary>
    public static bool Fits(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields) => GrpcType.IsOf(source, fields);

    /// <summary>What a status of HTTP means to clients of gRPC (grpc/doc/http-grpc-status-mapping.md), and more exactly where that says only "unknown".</summary>
    public static int StatusOf(int http) => http switch
    {
        400 => InvalidArgument,
        401 => Unauthenticated,
        403 => PermissionDenied,
        404 or 405 or 501 => Unimplemented,
        408 => DeadlineExceeded,
        413 or 414 or 431 => ResourceExhausted,
        429 or 502 or 503 or 504 => Unavailable,
        500 => Internal,
        _ => Unknown,
    };

    /// <summary>In ASCII without what would be escaped.</summary>
    public static string MessageOf(FailureAnswer failure) => $"{failure.Name}: {failure.Text.Replace("%", "%25", StringComparison.Ordinal)}";
}
