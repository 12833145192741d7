using System.Collections.Frozen;

namespace ActorLb.Engine.Passwords;

/// <summary>What one content of a users file says, and who was found right by it. The users never change. Any thread.</summary>
internal sealed class Users
{
    private readonly FrozenDictionary<string, string> _hashes;

    /// <param name="content">The hash of the file's bytes.</param>
    /// <exception cref="UsersFileException">A line is wrong, or it names nobody.</exception>
    public Users(string path, ReadOnlySpan<byte> bytes, string content)
    {
        _hashes = UsersText.Parse(path, bytes);
        Content = content;
        Verified = new VerifiedPairs(_hashes.Count);
    }

    public string Content { get; }

    public int Count => _hashes.Count;

    public VerifiedPairs Verified { get; }

    /// <summary>Whether it is this user's password. Takes as long as its hash is made to take, whether there is such a user or not.</summary>
    public bool Verify(string name, string password)
    {
        if (_hashes.TryGetValue(name, out string? hash))
        {
            return BCrypt.Net.BCrypt.Verify(password, hash);
        }

        // Whoever is not there takes as long as somebody who is, and always as long as the same one: by its own cost, it could be told.
        BCrypt.Net.BCrypt.Verify(password, _hashes.Values[(int)((ulong)Verified.Of(System.Text.Encoding.UTF8.GetBytes(name)) % (ulong)_hashes.Count)]);
        return false;
    }
}
