using ActorLb.Engine.Failures;

namespace ActorLb.Engine.Measurements;

/// <summary>What is counted of a request that is over. Times are in ticks of a TimeSpan.</summary>
internal readonly struct FinishedRequest
{
    /// <summary>That its client got; 499 where it left before.</summary>
    public required int Status { get; init; }

    /// <summary>None where a backend's answer went out whole.</summary>
    public required FailureReason Failure { get; init; }

    /// <summary>
    /// What failures are wherever they are counted for people: its client got a status of class 5, or an answer that broke off. What a client does is none.
    /// </summary>
    public bool HasFailed => RequestFigures.ClassOf(Status) == 5 || (Failure != FailureReason.None && FailureAnswer.Of(Failure).BreaksOff);

    /// <summary>Why, where it <see cref="HasFailed"/>; None: a backend answered so, whoever ended that answer.</summary>
    public FailureReason FailedBy => Failure != FailureReason.None && (FailureAnswer.Of(Failure).BreaksOff || FailureAnswer.Of(Failure).Status == Status) ? Failure : FailureReason.None;

    /// <summary>From its head to the end of its answer.</summary>
    public required long Ticks { get; init; }

    /// <summary>From when it was sent to its last backend to the first byte of that one's answer; below 0: none came.</summary>
    public required long FirstByteTicks { get; init; }

    /// <summary>Of its body, and what came over its tunnel.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Of its answer's body, and what went over its tunnel to the client.</summary>
    public required long BytesSent { get; init; }

    /// <summary>How often it was tried again.</summary>
    public required int Retries { get; init; }

    /// <summary>Null: its trace is not recorded.</summary>
    public Exemplar? Exemplar { get; init; }
}
