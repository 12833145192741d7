using System.Text;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Memory;
using Xunit;

namespace ActorLb.Tests.Forwarding;

public sealed class HeldBodyTests
{
    private readonly Account _account = new();

    [Fact]
    public void Head_body_and_end_lie_one_behind_the_other_however_it_grows()
    {
        var held = new HeldBody(_account);
        held.Begin(100_000, "head"u8);
        var body = new StringBuilder();
        for (int i = 0; i < 10_000; i++)
        {
            held.Add(Encoding.ASCII.GetBytes($"{i % 1000:000}"));
            body.Append($"{i % 1000:000}");
        }

        "end"u8.CopyTo(held.RoomForEnd(3));
        held.AddEnd(3);

        Assert.True(held.IsHolding && held.HasEnded);
        Assert.Equal(("head", body.ToString(), "end"), (Text(held.Head), Text(held.Body.Span), Text(held.End.Span)));
        Assert.InRange(_account.Held, 30_000, 131_072);
        held.LetGo();
        Assert.False(held.IsHolding || held.HasEnded);
        Assert.Equal(0, _account.Held);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void More_than_it_may_hold_is_not_held(int bytes, bool holds)
    {
        var held = new HeldBody(_account);
        held.Begin(10, default);
        held.Add(new byte[bytes - 1]);
        held.Add(new byte[1]);
        Assert.Equal(holds, held.IsHolding);
        Assert.Equal(holds, _account.Held > 0);
    }

    [Fact]
    public void Where_there_is_no_memory_it_holds_nothing_and_later_something_again()
    {
        var held = new HeldBody(_account);
        held.Begin(1_000_000, "head"u8);
        held.Add(new byte[1000]);
        _account.Room = 10_000;
        held.Add(new byte[100_000]);
        held.Add(new byte[10]);
        Assert.False(held.IsHolding);
        Assert.Equal(0, _account.Held);

        held.Begin(1_000_000, "next"u8);
        held.Add("body"u8);
        Assert.Equal(("next", "body"), (Text(held.Head), Text(held.Body.Span)));
        held.LetGo();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);

    private sealed class Account : IMemoryAccount
    {
        public int Room { get; set; } = int.MaxValue;

        public int Held { get; private set; }

        public bool TryHold(int bytes)
        {
            if (Held + bytes > Room)
            {
                return false;
            }

            Held += bytes;
            return true;
        }

        public void GiveBack(int bytes) => Held -= bytes;
    }
}
