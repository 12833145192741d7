namespace ActorLb.Tests.Lane;

/// <summary>How a backend's connection goes on after its answer.</summary>
internal enum AfterAnswer
{
    Stays,

    /// <summary>The backend ends its side, and reads on.</summary>
    Ends,

    Resets,

    /// <summary>It has switched protocols: it takes what comes behind the request, ends its side, and reads on.</summary>
    Tunnels,
}

/// <summary>What a client sends on a new connection, and what the backend says to each request of it.</summary>
/// <param name="Answer">Null: a short one that fits the method.</param>
/// <param name="ClientEnds">The client ends its side behind it; else it sends one line more, which is no request.</param>
internal sealed record Question(string Request, string? Answer = null, AfterAnswer After = AfterAnswer.Stays, bool ClientEnds = false)
{
    private const int ShownLength = 300;

    public string Method => Request.TrimStart().Split(' ')[0];

    /// <summary>In one line.</summary>
    public override string ToString() =>
        Shown(Request) + (ClientEnds ? " (end)" : "") + (Answer is null ? "" : $" => {Shown(Answer)} ({After})");

    private static string Shown(string text) =>
        string.Concat((text.Length > ShownLength ? text[..ShownLength] + "..." : text).Select(c => c switch
        {
            '\r' => "\\r",
            '\n' => "\\n",
            '\t' => "\\t",
            < ' ' or > '~' => $"\\x{(int)c:x2}",
            _ => c.ToString(),
        }));
}
