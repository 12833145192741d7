using System.Globalization;
using System.Text;
using ActorLb.Bench.Http1.Corpus;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Engine.Http1;

namespace ActorLb.Bench.LaneFuzzing;

/// <summary>
/// Clients and backends of one round, and what each of them may see of the others: a backend sees what a client asked
/// for, and nothing that is not idempotent twice; and where it has offered to authenticate a connection, only one client's.
/// </summary>
/// <param name="isWild">Messages are mutated, and everybody may leave, be silent or talk nonsense at any moment.</param>
/// <param name="logins">Backends make such offers.</param>
internal sealed class FuzzWorld(Random random, bool isWild, bool logins)
{
    public static readonly MessageLimits Limits = MessageReading.UsualLimits;

    /// <summary>The lane adds fields of its own.</summary>
    public static readonly MessageLimits BackendLimits = Limits with { LineBytesMax = 64 * 1024, FieldBytesMax = 128 * 1024, FieldCountMax = 200 };

    private static readonly CorpusCase[] Requests = [.. CorpusReader.All.Where(c => c.IsRequest)];
    private static readonly CorpusCase[] Responses = [.. CorpusReader.All.Where(c => !c.IsRequest)];

    private readonly Mutator _mutator = new(random);
    private readonly List<FuzzClient> _clients = [];
    private readonly HashSet<string> _begun = [];
    private int _tokens;

    public Random Random => random;

    public bool IsWild => isWild;

    public bool Logins => logins;

    public IReadOnlyList<FuzzClient> Clients => _clients;

    /// <summary>Whose request this is; null where no client has sent such a token.</summary>
    public FuzzClient? ClientOf(string token) => _clients.Find(c => c.Meant.Exists(m => m.Token == token));

    public FuzzClient AddClient()
    {
        var bytes = new List<byte>();
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            bytes.AddRange(isWild ? WildRequest() : ProperRequest(isLast: count == 1));
        }

        byte[] all = [.. bytes];
        ClientEnd end = isWild ? (ClientEnd)random.Next(4) : (ClientEnd)random.Next(2);
        int length = isWild && random.Next(3) == 0 ? random.Next(all.Length + 1) : all.Length;
        var client = new FuzzClient(this, all, length, end);
        _clients.Add(client);
        return client;
    }

    /// <summary>A mutated answer of the corpora.</summary>
    public byte[] Mutated() => _mutator.Mutate(Responses[random.Next(Responses.Length)]);

    /// <summary>A backend saw the head of a request for the first time on its connection.</summary>
    /// <exception cref="FuzzFailure">It must not have been sent again.</exception>
    public void RequestBegun(MeantRequest request)
    {
        if (request is { Token.Length: > 0, IsIdempotent: false } && !_begun.Add(request.Token))
        {
            throw new FuzzFailure("a request that is not idempotent was sent twice", Shown(request));
        }
    }

    /// <summary>A backend saw so much of a request.</summary>
    /// <exception cref="FuzzFailure">No client has sent it.</exception>
    public void RequestSeen(MeantRequest request)
    {
        foreach (FuzzClient client in _clients)
        {
            foreach (MeantRequest meant in client.Meant)
            {
                if (meant.Token == request.Token && meant.Covers(request))
                {
                    return;
                }
            }
        }

        throw new FuzzFailure("a backend saw a request that nobody sent", Shown(request));
    }

    private static byte[] Shown(MeantRequest request) =>
        Encoding.Latin1.GetBytes($"{request.Method} {request.Path} {request.Token} {request.Plain.Body} whole={request.IsWhole} {request.Body}");

    private byte[] WildRequest()
    {
        CorpusCase start = Requests[random.Next(Requests.Length)];
        byte[] bytes = random.Next(4) == 0 ? ProperRequest(isLast: false) : random.Next(2) == 0 ? start.Bytes : _mutator.Mutate(start);
        return WithToken(bytes);
    }

    // A line of its own after the first one: what is refused without it is refused with it.
    private byte[] WithToken(byte[] bytes)
    {
        int at = bytes.AsSpan().IndexOf("\r\n"u8);
        return at <= 0 || at > Limits.LineBytesMax
            ? bytes
            : [.. bytes.AsSpan(0, at + 2), .. Encoding.ASCII.GetBytes($"{MeantRequest.TokenField}: {NextToken()}\r\n"), .. bytes.AsSpan(at + 2)];
    }

    private byte[] ProperRequest(bool isLast)
    {
        string method = random.Next(6) switch { 0 => "POST", 1 => "PUT", 2 => "HEAD", _ => "GET" };
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{method} /{random.Next(100)} HTTP/1.1\r\nHost: x\r\n{MeantRequest.TokenField}: {NextToken()}\r\n");
        text.Append(isLast ? "Connection: close\r\n" : "");
        string body = method is "POST" or "PUT" ? new string('b', random.Next(10) > 0 ? random.Next(200) : random.Next(100_000)) : "";
        if (body.Length == 0)
        {
            text.Append("\r\n");
        }
        else if (random.Next(2) == 0)
        {
            text.Append(random.Next(6) == 0 ? "Expect: 100-continue\r\n" : "").Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}");
        }
        else
        {
            int cut = random.Next(1, body.Length + 1);
            text.Append(CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{cut:x}\r\n{body[..cut]}\r\n");
            text.Append(cut == body.Length ? "" : string.Create(CultureInfo.InvariantCulture, $"{body.Length - cut:X};a=b\r\n{body[cut..]}\r\n"));
            text.Append("0\r\n\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private string NextToken() => string.Create(CultureInfo.InvariantCulture, $"t{random.Next():x8}.{_tokens++}");
}
