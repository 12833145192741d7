using ActorLb.Engine.Failures;
using Xunit;

namespace ActorLb.Tests.Exchanges;

/// <summary>How a request ends for its client.</summary>
internal enum MemoryEnd
{
    None,

    /// <summary>With the whole answer of a backend.</summary>
    Answered,

    /// <summary>With a part of one, which is not to look whole.</summary>
    CutOff,

    /// <summary>With an answer of our own.</summary>
    Refused,

    /// <summary>It did not wait for it.</summary>
    Left,
}

/// <summary>What a client got, and who was asked for it.</summary>
internal sealed class MemoryAnswer(MemoryExchange exchange)
{
    public MemoryExchange Exchange => exchange;

    public MemoryEnd End { get; private set; }

    /// <summary>How often it ended.</summary>
    public int Ends { get; private set; }

    /// <summary>None where a backend's answer came whole.</summary>
    public FailureReason Failure { get; private set; }

    public int Status { get; set; }

    /// <summary>The client's connection ends with it.</summary>
    public bool Closes { get; set; }

    /// <summary>The answer's head, with the body where it is our own; empty: the client got nothing.</summary>
    public string Text { get; set; } = "";

    /// <summary>Ids of the backends that were tried, in their order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Those of them that bytes of the request reached.</summary>
    public List<string> Reached { get; } = [];

    /// <summary>Attempts that were begun after the body was gone.</summary>
    public int RepeatedWithoutBody { get; set; }

    /// <summary>The pair of the cookie that carries its ticket; null: it got none.</summary>
    public string? Ticket => Field("Set-Cookie", "ALB=")?.Split(';')[0];

    public string? Reason => Field(FailureAnswer.Header);

    /// <summary>The value of the one field of that name, and that beginning; null: there is none.</summary>
    public string? Field(string name, string begins = "")
    {
        string[] lines = Text.Split("\r\n\r\n")[0].Split("\r\n");
        return lines.SingleOrDefault(l => l.StartsWith($"{name}: {begins}", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
    }

    public void Ended(MemoryEnd end, FailureReason failure)
    {
        End = end;
        Failure = failure;
        Ends++;
    }

    /// <summary>It is the answer of a backend, the last of those that were asked.</summary>
    public void IsFrom(params string[] asked)
    {
        Assert.Equal(asked, Asked);
        Assert.Equal(MemoryEnd.Answered, End);
    }

    /// <summary>It is our own, after these were asked.</summary>
    public void IsOwn(FailureReason failure, params string[] asked)
    {
        Assert.Equal(asked, Asked);
        Assert.Equal((MemoryEnd.Refused, failure, FailureAnswer.Of(failure).Status), (End, Failure, Status));
        Assert.Equal(FailureAnswer.Of(failure).Name, Reason);
    }
}
