using System.Globalization;
using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>A proper answer of a backend, as a server might give it.</summary>
/// <param name="EndsConnection">Its body ends by the close.</param>
internal sealed record FuzzAnswer(string Text, bool EndsConnection, bool IsTunnel)
{
    public const string EchoField = "X-Echo";

    private const int OfferOnceIn = 8;

    /// <summary>It offers to authenticate the connection that it comes over.</summary>
    public bool Offers { get; private init; }

    /// <param name="logins">It may offer to authenticate its connection.</param>
    public static FuzzAnswer To(MeantRequest request, Random random, bool logins)
    {
        FuzzAnswer answer = To(request, random);
        int status = answer.Text.IndexOf("HTTP/1.1 2", StringComparison.Ordinal);
        if (!logins || status < 0 || random.Next(OfferOnceIn) > 0)
        {
            return answer;
        }

        int fields = answer.Text.IndexOf("\r\n", status, StringComparison.Ordinal) + 2;
        return answer with { Text = answer.Text.Insert(fields, "WWW-Authenticate: Basic realm=\"a, b\", ntlm\r\n"), Offers = true };
    }

    private static FuzzAnswer To(MeantRequest request, Random random)
    {
        var text = new StringBuilder();
        if (random.Next(8) == 0)
        {
            text.Append("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        }

        if ((request.Plain.Traits & RequestTraits.AsksUpgrade) != 0 && random.Next(2) == 0)
        {
            text.Append("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
            return new FuzzAnswer(text.ToString(), EndsConnection: false, IsTunnel: true);
        }

        string echo = request.Token.Length > 0 ? $"{EchoField}: {request.Token}\r\n" : "";
        if (random.Next(10) == 0)
        {
            text.Append(random.Next(2) == 0 ? "HTTP/1.1 204 No Content\r\n" : "HTTP/1.1 304 Not Modified\r\n").Append(echo).Append("\r\n");
            return new FuzzAnswer(text.ToString(), EndsConnection: false, IsTunnel: false);
        }

        string body = BodyOf(request.Token, random.Next(20) > 0 ? random.Next(300) : random.Next(150_000));
        string status = random.Next(4) > 0 ? "200 OK" : "404 Not Found";
        text.Append("HTTP/1.1 ").Append(status).Append("\r\n").Append(echo);
        bool endsConnection = AddBody(text, body, request.Method == "HEAD", random);
        return new FuzzAnswer(text.ToString(), endsConnection, IsTunnel: false);
    }

    /// <summary>What the answer to a request with this token carries: nobody else's answer looks like it.</summary>
    public static string BodyOf(string token, int length)
    {
        string piece = token.Length > 0 ? token : "nobody";
        return string.Concat(Enumerable.Repeat(piece, (length / piece.Length) + 1))[..length];
    }

    private static bool AddBody(StringBuilder text, string body, bool toHead, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                text.Append("Connection: close\r\n\r\n").Append(toHead ? "" : body);
                return true;
            case 1 or 2:
                text.Append("Transfer-Encoding: chunked\r\n\r\n");
                if (!toHead)
                {
                    AddChunks(text, body, random);
                }

                return false;
            default:
                text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n").Append(toHead ? "" : body);
                return false;
        }
    }

    private static void AddChunks(StringBuilder text, string body, Random random)
    {
        for (int at = 0; at < body.Length;)
        {
            int length = Math.Min(body.Length - at, random.Next(3) > 0 ? random.Next(1, 100) : random.Next(1, 50_000));
            text.Append(CultureInfo.InvariantCulture, $"{length:x}\r\n").Append(body, at, length).Append("\r\n");
            at += length;
        }

        text.Append("0\r\n\r\n");
    }
}
