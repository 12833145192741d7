using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Http2.Client;

/// <summary>What a connection of HTTP/2 to a backend goes by.</summary>
/// <param name="StreamsMax">At a time, whatever the backend allows.</param>
/// <param name="WindowBytes">Of one answer's body that may be on its way, or here, before it is taken; 64 KiB to 2^31-1 as a setting, any number in tests.</param>
/// <param name="PingInterval">After so long a silence in the midst of calls the backend is asked whether it lives; zero: only where there is a doubt.</param>
/// <param name="IsTls">What requests say of their scheme, which servers compare with what they see.</param>
/// <param name="Limits">Of heads and trailers.</param>
internal sealed record Http2Options(int StreamsMax, int WindowBytes, TimeSpan PingInterval, bool IsTls, MessageLimits Limits);
