using Microsoft.AspNetCore.Http.Connections;

namespace SignalRClient;

/// <summary>What the command line says. Throws where it makes no sense.</summary>
internal sealed record Arguments(
    IReadOnlyList<Uri> Hubs, HttpTransportType Transport, bool Cookies, bool SkipNegotiation, string? Text, int Times)
{
    public static Arguments Of(string[] words)
    {
        var hubs = new List<Uri>();
        var said = new Arguments(
            hubs, HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling, true, false, null, int.MaxValue);
        for (int i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "--transport":
                    said = said with { Transport = Enum.Parse<HttpTransportType>(words[++i], ignoreCase: true) };
                    break;
                case "--no-cookies":
                    said = said with { Cookies = false };
                    break;
                case "--skip-negotiation":
                    said = said with { SkipNegotiation = true };
                    break;
                case "--say":
                    said = said with { Text = words[++i] };
                    break;
                case "--times":
                    said = said with { Times = int.Parse(words[++i], System.Globalization.CultureInfo.InvariantCulture) };
                    break;
                default:
                    hubs.Add(new Uri(words[i]));
                    break;
            }
        }

        return said;
    }
}
