using ActorLb.Engine.Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>Goes with a connection whose client showed a certificate that is good: what backends are told of it.</summary>
internal sealed class ShownCertificate(byte[] lines)
{
    /// <summary>Of the request's head, with their ends.</summary>
    public byte[] Lines => lines;

    /// <summary>After the handshake, which has verified it.</summary>
    public static void Keep(BaseConnectionContext connection)
    {
        if (connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate)
        {
            connection.Features.Set(new ShownCertificate(ClientCertificateFields.LinesOf(certificate)));
        }
    }
}
