using ActorLb.Engine.Listeners;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>Needs QUIC on this machine; without it the run says so.</summary>
public sealed class Http3FactAttribute : FactAttribute
{
    public Http3FactAttribute()
    {
        if (!QuicSupport.IsThere)
        {
            Skip = QuicSupport.Missing;
        }
    }
}

/// <inheritdoc cref="Http3FactAttribute"/>
public sealed class Http3TheoryAttribute : TheoryAttribute
{
    public Http3TheoryAttribute()
    {
        if (!QuicSupport.IsThere)
        {
            Skip = QuicSupport.Missing;
        }
    }
}
