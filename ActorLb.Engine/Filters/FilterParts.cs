using ActorLb.Engine.Passwords;
using ActorLb.Engine.Rates;

namespace ActorLb.Engine.Filters;

/// <summary>What the filters of all routes of a node have together. Lives as long as the data plane.</summary>
internal sealed class FilterParts(UsersFiles users, SharesInForce shares, TimeProvider time)
{
    public UsersFiles Users => users;

    public SharesInForce Shares => shares;

    public PasswordChecks Passwords { get; } = new(time, static (users, name, password) => users.Verify(name, password));
}
