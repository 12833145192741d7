using ActorLb.Bench.LaneFuzzing;
using Xunit;

namespace ActorLb.Tests.Epoll;

/// <summary>
/// Rounds of the lane's fuzzer over sockets in memory: nobody sees somebody else's message, and after each round every
/// connection, place and buffer is given back.
/// </summary>
public sealed class LaneFuzzTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]

    // Once left a place twice: a connection that could not even be begun, for a request that had waited for its place.
    [InlineData(23)]

    // Once lost what an interim answer still had to send when our own answer came behind it.
    [InlineData(1463)]
    public void A_lane_keeps_its_promises_whatever_its_peers_do(int seed) => Play(new LaneFuzzer(seed));

    [Fact]
    public void A_connection_that_a_backend_offered_to_authenticate_is_one_clients_whatever_its_peers_do() => Play(new LaneFuzzer(4, logins: true));

    private static void Play(LaneFuzzer played)
    {
        using LaneFuzzer fuzzer = played;
        for (int round = 0; round < Rounds; round++)
        {
            fuzzer.Round();
        }

        Assert.NotEqual(0, fuzzer.Requests);
    }
}
