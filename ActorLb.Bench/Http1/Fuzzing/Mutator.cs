using System.Text;
using ActorLb.Bench.Http1.Corpus;

namespace ActorLb.Bench.Http1.Fuzzing;

/// <summary>Makes new messages from those of the corpora, with a seed: bytes, words and lines changed, moved, doubled, cut.</summary>
internal sealed class Mutator(Random random)
{
    private const int MutationsMax = 4;
    private const int BytesMax = 64 * 1024;

    // What parsers stumble over, and what begins a field or a chunk that means something.
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r", "\n", "\r\n", "\r\n\r\n", "\n\n", "\r\r\n", "\0", " ", "\t", "  ", "\v", "\f", "\x7f", "\x80", "\xff", "\xa0", ":", ": ", " :", ",", ", ", ";", ";a",
            ";a=b", ";a=\"b\"", "\"", "\\", "=", "#", "%", "%00", "/", "//", "?", "*", "@", "[", "]", "[::1]", "0", "00", "1", "5", "a", "0x", "+", "-", "_",
            "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "9223372036854775807", "9223372036854775808", "18446744073709551616",
            "0\r\n\r\n", "5\r\nhello\r\n", "1;x\r\ny\r\n", "\r\n ", "\r\n\t", "chunked", "Chunked", "gzip", "identity", "close", "keep-alive", "upgrade",
            "Host: y\r\n", "Host:\r\n", "host: x\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length:\r\n", "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n", "Connection: close\r\n", "Connection: X-A\r\n", "X-A: b\r\n", "X-A:\r\n", "X-A: \t b \t\r\n", "Expect: 100-continue\r\n",
            "TE: trailers\r\n", "Trailer: X-A\r\n", "Upgrade: h2c\r\n", "Cookie: a=b\r\n", "GET ", "HEAD ", "CONNECT ", "OPTIONS ", "POST ", " HTTP/1.1", " HTTP/1.0", " HTTP/2.0",
            "http://x", "https://x:443", "http://", "://", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 X\r\n", "HTTP/1.1 204 X\r\n",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private readonly List<byte> _bytes = [];

    /// <param name="start">Stays as it is.</param>
    public byte[] Mutate(CorpusCase start)
    {
        _bytes.Clear();
        _bytes.AddRange(start.Bytes);
        for (int i = random.Next(MutationsMax + 1); i > 0; i--)
        {
            MutateOnce();
        }

        return _bytes.Count > BytesMax ? [.. _bytes.Take(BytesMax)] : [.. _bytes];
    }

    private void MutateOnce()
    {
        int at = random.Next(_bytes.Count + 1);
        int length = Math.Min(random.Next(1, 20), _bytes.Count - at);
        switch (random.Next(9))
        {
            case 0:
                _bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 1:
                _bytes.InsertRange(LineStart(at), Words[random.Next(Words.Length)]);
                break;
            case 2 when length > 0:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 3 when length > 0:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 4:
                _bytes.RemoveRange(at, length);
                break;
            case 5:
                _bytes.InsertRange(random.Next(_bytes.Count + 1), _bytes.GetRange(at, length));
                break;
            case 6:
                int line = LineStart(at);
                _bytes.InsertRange(LineStart(random.Next(_bytes.Count + 1)), _bytes.GetRange(line, LineEnd(line) - line));
                break;
            case 7:
                byte[] other = CorpusReader.All[random.Next(CorpusReader.All.Count)].Bytes;
                int from = random.Next(other.Length);
                _bytes.InsertRange(at, other.AsSpan(from, random.Next(Math.Min(other.Length - from, 100))).ToArray());
                break;
            default:
                // Lengths around the blocks of 64 that the parser reads.
                _bytes.InsertRange(at, Enumerable.Repeat((byte)'x', random.Next(1, 140)));
                break;
        }
    }

    private int LineStart(int at) => at == 0 ? 0 : _bytes.LastIndexOf((byte)'\n', Math.Min(at, _bytes.Count) - 1) + 1;

    private int LineEnd(int at)
    {
        int end = at < _bytes.Count ? _bytes.IndexOf((byte)'\n', at) : -1;
        return end < 0 ? _bytes.Count : end + 1;
    }
}
