using System.Globalization;
using ActorLb.Engine.Failures;

namespace ActorLb.Tests.Exchanges;

/// <summary>What becomes of one attempt at a backend.</summary>
internal sealed record BackendTurn
{
    /// <summary>How it fails; None: its answer comes whole.</summary>
    public FailureReason Failure { get; init; }

    /// <summary>The head of an answer; empty: none comes.</summary>
    public string Head { get; init; } = "";

    /// <summary>Bytes of an answer come that are no whole head.</summary>
    public bool Begins { get; init; }

    /// <summary>The body is taken before anything of an answer comes.</summary>
    public bool TakesBody { get; init; } = true;

    /// <summary>The client sends all of the body that is taken.</summary>
    public bool IsBodyWhole { get; init; } = true;

    /// <summary>The body goes on to the backend in the moment in which the request is to go elsewhere.</summary>
    public bool LosesBody { get; init; }

    /// <summary>The client leaves meanwhile.</summary>
    public bool ClientLeaves { get; init; }

    /// <summary>There is a connection, and the request goes out over it.</summary>
    public bool IsConnected => Failure is not (FailureReason.BackendConnectFailed or FailureReason.ConnectTimeout or FailureReason.OutOfSockets);

    /// <summary>The backend may act on what it got.</summary>
    public bool IsSent => IsConnected && Failure != FailureReason.BackendRefused;

    /// <param name="fields">Whole lines, beside the length.</param>
    public static BackendTurn Answers(int status = 200, string fields = "") => new()
    {
        Head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Said\r\n{fields}{(status is 204 or 304 ? "" : "Content-Length: 0\r\n")}\r\n"),
    };

    public static BackendTurn Fails(FailureReason failure) => new() { Failure = failure };

    /// <summary>It answers, and breaks then.</summary>
    public static BackendTurn BreaksAfterHead(FailureReason failure) => new() { Failure = failure, Head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" };
}
