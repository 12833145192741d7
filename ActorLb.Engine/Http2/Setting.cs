namespace ActorLb.Engine.Http2;

/// <summary>One value of a SETTINGS frame.</summary>
internal readonly record struct Setting(SettingId Id, uint Value)
{
    public const int Bytes = 6;
}
