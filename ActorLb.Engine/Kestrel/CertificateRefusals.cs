using System.Net;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Reports;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>Counts clients whose certificates were refused in the handshake, and tells of them: each address at once, then once a minute. Any thread.</summary>
internal sealed class CertificateRefusals(AddressReports reports, ILogger logger)
{
    /// <param name="why">Text for a log.</param>
    public void Tell(ServedListener listener, EndPoint? client, string why)
    {
        listener.Connections.RefuseForCertificate();
        IPAddress address = (client as IPEndPoint)?.Address ?? IPAddress.None;
        if (reports.IsNews(address, $"had its client certificate refused by listener {listener.Settings.Name}", out string shown))
        {
            Log.ClientCertificateRefused(logger, shown, listener.Settings.Name, why);
        }
    }
}
