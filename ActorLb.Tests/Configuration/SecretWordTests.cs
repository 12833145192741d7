using System.Security.Cryptography;
using ActorLb.Node.Configuration.Formats;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class SecretWordTests
{
    [Theory]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("aaaabbbbccccdddd")]
    [InlineData("0123456789abcdef")]
    [InlineData("fedcba9876543210")]
    [InlineData("12345678901234567890")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    [InlineData("a1b2c3d4e5f6g7h8")]
    [InlineData("passwordpassword")]
    [InlineData("changemechangemechangeme")]
    public void A_pattern_is_no_secret(string text) => Assert.Equal("is a pattern that could be guessed", SecretWord.Problem(text));

    [Theory]
    [InlineData("a", "has 1 character")]
    [InlineData("fifteen-letters", "has 15 characters")]
    public void A_short_word_is_none(string text, string problem) => Assert.Equal(problem, SecretWord.Problem(text));

    [Fact]
    public void What_chance_made_is_one()
    {
        for (int i = 0; i < 100; i++)
        {
            string text = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            Assert.True(SecretWord.Problem(text) is null, text);
        }
    }
}
