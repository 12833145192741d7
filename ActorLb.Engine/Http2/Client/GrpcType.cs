using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Http2.Client;

/// <summary>The media types of gRPC's calls over HTTP/2. That of gRPC-Web, which any HTTP carries, is none of them.</summary>
internal static class GrpcType
{
    private static ReadOnlySpan<byte> Prefix => "application/grpc"u8;

    /// <summary>Whether a request is such a call.</summary>
    public static bool IsOf(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(source), "Content-Type"u8))
            {
                return Is(field.Value(source));
            }
        }

        return false;
    }

    /// <param name="contentType">The value of Content-Type.</param>
    public static bool Is(ReadOnlySpan<byte> contentType) =>
        contentType.Length >= Prefix.Length
        && Ascii.EqualsIgnoreCase(contentType[..Prefix.Length], Prefix)
        && (contentType.Length == Prefix.Length || contentType[Prefix.Length] is (byte)'+' or (byte)';' or (byte)' ');
}
