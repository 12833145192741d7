namespace ActorLb.Node.Sessions.TicketKeys;

/// <summary>The limits and intervals of sharing ticket keys, each with its reason.</summary>
internal static class TicketKeyBounds
{
    /// <summary>
    /// Keys with which a rotation still begins: one every three minutes with an idle timeout of 30 minutes. Each costs
    /// two keyed hashes per pool and processor. Clusters that merge bring theirs beyond it.
    /// </summary>
    public const int KeysMax = 16;

    /// <summary>How long one attempt waits for all members to say whether they have ticket keys.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a member without the cluster's keys asks for them.</summary>
    public static readonly TimeSpan SeekInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>After this a member that was not answered signs with its own key; when it is, both keys are kept.</summary>
    public static readonly TimeSpan SeekDeadline = TimeSpan.FromSeconds(5);

    /// <summary>How often members that have not confirmed the ring are told again.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a rotation's answer waits for all members: one of them may need three seconds to be removed.</summary>
    public static readonly TimeSpan RotationAnswer = TimeSpan.FromSeconds(5);
}
