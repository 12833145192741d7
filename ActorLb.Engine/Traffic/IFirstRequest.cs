using ActorLb.Engine.Balancing;
using ActorLb.Engine.Sessions;

namespace ActorLb.Engine.Traffic;

/// <summary>A request as the director asks for it where it has no session.</summary>
internal interface IFirstRequest : IBalanceKeySource
{
    /// <summary>What its connection's first requests share; null: they come one after the other, or are those of many clients.</summary>
    FirstSession? First { get; }

    /// <summary>What tells its client from others, hashed; null where nobody can: somebody passes on what many ask.</summary>
    UInt128? Asker { get; }
}
