namespace ActorLb.Engine.Passwords;

/// <summary>A file of users cannot be used. The message names the file, the first lines that are wrong, and why.</summary>
public sealed class UsersFileException(string problem) : Exception(problem);
