using System.Text;
using ActorLb.Engine.Passwords;
using Xunit;

namespace ActorLb.Tests.Passwords;

public sealed class UsersTextTests
{
    private const string Hash = "$2y$04$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu";

    [Theory]
    [InlineData("alice", HtpasswdFile.AlicePassword, true)]
    [InlineData("alice", "Secret", false)]
    [InlineData("alice", "", false)]
    [InlineData("Alice", HtpasswdFile.AlicePassword, false)]
    [InlineData("jürgen", HtpasswdFile.JuergenPassword, true)]
    [InlineData("jürgen", HtpasswdFile.AlicePassword, false)]
    [InlineData("carol", HtpasswdFile.CarolPassword, true)]
    [InlineData("nobody", HtpasswdFile.AlicePassword, false)]
    [InlineData("", "", false)]
    [InlineData("empty", "", true)]
    [InlineData("empty", " ", false)]
    [InlineData("long", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", true)]
    [InlineData("long", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxmore", true)]
    [InlineData("long", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false)]
    public void What_htpasswd_wrote_is_verified(string name, string password, bool isRight) =>
        Assert.Equal(isRight, Of(HtpasswdFile.Text).Verify(name, password));

    [Fact]
    public void The_three_names_of_the_same_hash_are_one()
    {
        foreach (string version in (string[])["$2a$", "$2b$", "$2y$"])
        {
            Assert.True(Of($"a:{version}{Hash[4..]}").Verify("a", HtpasswdFile.AlicePassword));
        }
    }

    [Fact]
    public void Comments_blank_lines_ends_of_other_systems_and_a_third_column_are_passed_over()
    {
        Users users = Of($"\uFEFF# staff\r\n\r\n  a:{Hash}\r\n\t\n#b:{Hash}\nc:{Hash}:the third: of them");

        Assert.Equal(2, users.Count);
        Assert.True(users.Verify("a", HtpasswdFile.AlicePassword));
        Assert.False(users.Verify("b", HtpasswdFile.AlicePassword));
        Assert.True(users.Verify("c", HtpasswdFile.AlicePassword));
    }

    [Theory]
    [InlineData("", "'u' names no user")]
    [InlineData("# nobody\n", "'u' names no user")]
    [InlineData("alice", "'u', line 1: there is no colon behind a name")]
    [InlineData(":" + Hash, "'u', line 1: this is no name of 1 to 255 bytes in UTF-8 without control characters")]
    [InlineData("a\u0001:" + Hash, "'u', line 1: this is no name of")]
    [InlineData("\n#\na:$apr1$.5hx0mrs$/REoNivEY.E3g1eKUusAr/", "'u', line 3: what 'a' has is no hash of bcrypt, but MD5")]
    [InlineData("a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "'u', line 1: what 'a' has is no hash of bcrypt, but SHA-1")]
    [InlineData("a:n1aDrHL.9gnwI", "'u', line 1: what 'a' has is no hash of bcrypt, but crypt or plain text")]
    [InlineData("a:secret", "'u', line 1: what 'a' has is no hash of bcrypt, but crypt or plain text")]
    [InlineData("a:", "'u', line 1: what 'a' has is no hash of bcrypt, but crypt or plain text")]
    [InlineData("a:$5$YmDX/OK/nm7mvwKa$X26twd2ECAgAgDWBxgsw0DhZDzGOeudZzgauy9s2J7C", "'u', line 1: what 'a' has is no hash of bcrypt, but SHA-crypt")]
    [InlineData("a:$2x$04$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu", "'u', line 1: what 'a' has is no hash of bcrypt, but a version of it that was broken")]
    [InlineData("a:$2y$04$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHE", "'u', line 1: what 'a' has is no whole hash of bcrypt")]
    [InlineData("a:$2y$04$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu.", "'u', line 1: what 'a' has is no whole hash of bcrypt")]
    [InlineData("a:$2y$04$EgLDhGg4FsqymmEm8RU-oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu", "'u', line 1: what 'a' has is no whole hash of bcrypt")]
    [InlineData("a:$2y$03$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu", "'u', line 1: what 'a' has is a hash of a cost of 03, which is none from 4 to 15")]
    [InlineData("a:$2y$16$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu", "'u', line 1: what 'a' has is a hash of a cost of 16")]
    [InlineData("a:$2y$x4$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu", "'u', line 1: what 'a' has is a hash of a cost of x4")]
    [InlineData("a:" + Hash + "\nb:" + Hash + "\na:" + Hash, "'u', line 3: 'a' stands in line 1 already")]
    [InlineData("a\nb:" + Hash + "\nc:x\nb:" + Hash, "'u', line 1: there is no colon behind a name; line 3: what 'c' has is no hash of bcrypt, but crypt or plain text; line 4: 'b' stands in line 2 already")]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12", "'u', line 1: there is no colon behind a name; line 2: there is no colon behind a name; line 3: there is no colon behind a name; line 4: there is no colon behind a name; line 5: there is no colon behind a name; line 6: there is no colon behind a name; line 7: there is no colon behind a name; line 8: there is no colon behind a name; line 9: there is no colon behind a name; line 10: there is no colon behind a name; and 2 more lines")]
    public void What_is_no_line_of_a_name_and_a_hash_of_bcrypt_is_refused_by_its_number(string text, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<UsersFileException>(() => Of(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_no_UTF_8_or_is_too_long_is_refused_and_no_hash_is_told()
    {
        Assert.Throws<UsersFileException>(() => new Users("u", [0xe9, (byte)':', .. Encoding.ASCII.GetBytes(Hash)], ""));
        Assert.Equal(1, Of($"{new string('n', 255)}:{Hash}").Count);
        Assert.Throws<UsersFileException>(() => Of($"{new string('n', 256)}:{Hash}"));
        Assert.DoesNotContain("hidden", Assert.Throws<UsersFileException>(() => Of("a:hidden")).Message, StringComparison.Ordinal);
    }

    private static Users Of(string text) => new("u", Encoding.UTF8.GetBytes(text), "");
}
