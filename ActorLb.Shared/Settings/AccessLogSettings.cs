namespace ActorLb.Shared.Settings;

public enum AccessLogFormat
{
    /// <summary>The combined format that Apache and nginx write, with fields of ours behind it.</summary>
    Combined,

    /// <summary>One JSON object per line, of fields that can be chosen.</summary>
    Json,
}

/// <summary>Where a line for each request goes.</summary>
/// <param name="Path">Of the file; "-" is standard output; empty is no log.</param>
/// <param name="BufferBytes">Lines that wait to be written; beyond, they are dropped.</param>
public sealed record AccessLogSettings(string Path, AccessLogFormat Format, int BufferBytes)
{
    public const string StandardOutput = "-";

    public static readonly AccessLogSettings Off = new("", AccessLogFormat.Combined, 0);

    /// <summary>Names of what a line of JSON tells, in this order: those that <see cref="AccessLogFields"/> reads.</summary>
    public EquatableArray<string> Fields { get; init; } = AccessLogFields.Default;

    public bool IsOn => Path.Length > 0;
}
