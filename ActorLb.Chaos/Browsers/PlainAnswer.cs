using System.Globalization;

namespace ActorLb.Chaos.Browsers;

/// <summary>The head of an answer, and how much of its body is to come (RFC 9112, 6.3).</summary>
internal sealed class PlainAnswer
{
    public PlainAnswer(int status, AnswerFields fields)
    {
        Status = status;
        Fields = fields;
        IsChunked = fields.Value("Transfer-Encoding")?.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) == true;
        string? length = fields.Value("Content-Length");
        EndsWithConnection = !IsChunked && length is null && status is not (204 or 304);
        Left = IsChunked || status is 204 or 304 ? 0 : length is null ? long.MaxValue : long.Parse(length, CultureInfo.InvariantCulture);
        IsOver = !IsChunked && Left == 0;
    }

    public int Status { get; }

    public AnswerFields Fields { get; }

    public bool IsChunked { get; }

    /// <summary>The end of the connection is the end of the body.</summary>
    public bool EndsWithConnection { get; }

    /// <summary>Bytes of the body, or of its chunk, that have not been read yet.</summary>
    public long Left { get; set; }

    /// <summary>All of the body has been read.</summary>
    public bool IsOver { get; set; }

    /// <summary>No further answer comes over this connection.</summary>
    public bool IsLast => Fields.Values("Connection").Any(v => v.Contains("close", StringComparison.OrdinalIgnoreCase));
}
