using System.Collections.Immutable;

namespace ActorLb.Shared.Messages;

/// <summary>The operator wants a new key to sign tickets. To any node; a rotation that is under way is the one that is meant. Answered by <see cref="TicketKeysRotated"/>.</summary>
/// <param name="Without">Nodes that were lost and do not come back: the rotation does not wait for them.</param>
public sealed record RotateTicketKeys(ImmutableArray<string> Without)
{
    /// <summary>The operator, in words for people; null: that is not known.</summary>
    public string? Who { get; init; }
}

/// <summary>What became of a rotation that was asked for so far.</summary>
public enum RotationOutcome : byte
{
    /// <summary>The key signs on all nodes that can be reached.</summary>
    Signs,

    /// <summary>Not all nodes hold it yet, or have heard that it signs; it goes on by itself.</summary>
    Spreading,

    /// <summary>There are as many keys as there may be: nothing was begun.</summary>
    TooManyKeys,

    /// <summary>This node has not found the cluster's keys yet: nothing was begun.</summary>
    NotReady,
}

/// <param name="Key">The id of the new key; 0 where nothing was begun.</param>
public sealed record TicketKeysRotated(RotationOutcome Outcome, ushort Key, TicketKeyReport Report);

/// <summary>Which ticket keys are there? Answered by <see cref="TicketKeyReport"/>.</summary>
public sealed record DescribeTicketKeys
{
    public static DescribeTicketKeys Instance { get; } = new();
}

/// <summary>What a shared ticket key is for now.</summary>
public enum TicketKeyUse : byte
{
    /// <summary>Tickets are sealed with it.</summary>
    Signing,

    /// <summary>Tickets with it are honoured.</summary>
    Verifying,

    /// <summary>It is to sign when all nodes hold it; tickets with it are honoured.</summary>
    Spreading,

    /// <summary>No ticket of a live session can carry it any more; it is about to be dropped.</summary>
    Retired,
}

/// <summary>How far a rotation is.</summary>
public enum RotationPhase : byte
{
    None,

    /// <summary>The new key is being given to all nodes; nobody signs with it.</summary>
    Spreading,

    /// <summary>All nodes hold it; not all have heard yet that it signs.</summary>
    Switching,
}

/// <summary>Why a rotation waits for a node.</summary>
public enum KeyWaitReason : byte
{
    /// <summary>It was told and has not answered.</summary>
    NoAnswer,

    /// <summary>It is a member that cannot be reached.</summary>
    Unreachable,

    /// <summary>It was removed without having left: it may be on the other side of a partition.</summary>
    Lost,

    /// <summary>It cannot write to its disk.</summary>
    NotKept,
}

/// <param name="CreatedAt">Milliseconds since 1970; so is <paramref name="VerifiesUntil"/>, 0 while it is in use.</param>
public sealed record ReportedKey(ushort Id, long CreatedAt, TicketKeyUse Use, long VerifiesUntil);

/// <param name="Until">When it is no longer waited for, milliseconds since 1970; 0: until it answers or is removed.</param>
public sealed record KeyWait(string Node, KeyWaitReason Reason, long Until);

/// <summary>The shared keys without their secrets, and how far a rotation is.</summary>
/// <param name="RotatesTo">The id of the key that is to sign; 0 without a rotation.</param>
public sealed record TicketKeyReport(
    ImmutableArray<ReportedKey> Keys, RotationPhase Rotation, ushort RotatesTo, ImmutableArray<KeyWait> Waits);
