using ActorLb.Engine.Http1;
using Xunit;
using Xunit.Abstractions;

namespace ActorLb.Tests.Http1;

public sealed class ByteMasksTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_byte_is_a_stop_or_not_and_a_token_character_or_not()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        for (int block = 0; block < all.Length; block += ByteMasks.BlockLength)
        {
            Check(all, block, all.Length);
        }
    }

    [Fact]
    public void The_last_bytes_of_an_input_are_told_apart_like_all_others()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int end = 1; end <= 200; end++)
        {
            byte[] bytes = new byte[end];
            random.NextBytes(bytes);
            for (int block = 0; block < end; block++)
            {
                Check(bytes, block, end);
            }
        }
    }

    private static void Check(byte[] bytes, int block, int end)
    {
        var masks = ByteMasks.Of(ref bytes[0], block, end);
        for (int i = 0; i < ByteMasks.BlockLength; i++)
        {
            bool isInside = block + i < end;
            byte b = isInside ? bytes[block + i] : (byte)0;
            bool isStop = isInside && (b == 0x7f || (b < 0x20 && b != '\t'));
            bool isOther = isInside && !(char.IsAsciiLetterOrDigit((char)b) || (b != 0 && "!#$%&'*+-.^_`|~".Contains((char)b, StringComparison.Ordinal)));
            Assert.True(isStop == (((masks.Stops >> i) & 1) != 0), $"{b} at {block}+{i} of {end}");
            Assert.True(isOther == (((masks.Others >> i) & 1) != 0), $"{b} at {block}+{i} of {end}");
        }
    }
}
