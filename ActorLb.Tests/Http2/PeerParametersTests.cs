using ActorLb.Engine.Http2;
using Xunit;

namespace ActorLb.Tests.Http2;

public sealed class PeerParametersTests
{
    [Fact]
    public void Before_any_settings_they_are_those_of_the_standard()
    {
        var parameters = new PeerParameters();
        Assert.Equal((4096u, true, uint.MaxValue), (parameters.HeaderTableBytes, parameters.TakesPushes, parameters.StreamsMax));
        Assert.Equal((65_535, 16_384, uint.MaxValue), (parameters.InitialWindow, parameters.FrameBytesMax, parameters.HeadBytesMax));
        Assert.False(parameters.TakesExtendedConnect);
    }

    [Fact]
    public void Settings_are_taken_over_in_their_order_and_unknown_ones_ignored()
    {
        var parameters = new PeerParameters();
        Http2Error error = Apply(
            ref parameters,
            isFromServer: true,
            new(SettingId.HeaderTableSize, 0),
            new(SettingId.EnablePush, 0),
            new(SettingId.MaxConcurrentStreams, 7),
            new(SettingId.InitialWindowSize, 1),
            new(SettingId.InitialWindowSize, 1_000_000),
            new(SettingId.MaxFrameSize, 20_000),
            new(SettingId.MaxHeaderListSize, 8192),
            new(SettingId.EnableConnectProtocol, 1),
            new((SettingId)0x4a4a, 12));
        Assert.Equal(Http2Error.NoError, error);
        Assert.Equal((0u, false, 7u), (parameters.HeaderTableBytes, parameters.TakesPushes, parameters.StreamsMax));
        Assert.Equal((1_000_000, 20_000, 8192u), (parameters.InitialWindow, parameters.FrameBytesMax, parameters.HeadBytesMax));
        Assert.True(parameters.TakesExtendedConnect);

        // What another frame does not name stays.
        Assert.Equal(Http2Error.NoError, Apply(ref parameters, isFromServer: true, new Setting(SettingId.MaxConcurrentStreams, 0)));
        Assert.Equal((0u, 1_000_000), (parameters.StreamsMax, parameters.InitialWindow));
    }

    [Theory]
    [InlineData(SettingId.InitialWindowSize, 0u, Http2Error.NoError)]
    [InlineData(SettingId.InitialWindowSize, 0x7fffffffu, Http2Error.NoError)]
    [InlineData(SettingId.InitialWindowSize, 0x80000000u, Http2Error.FlowControlError)]
    [InlineData(SettingId.MaxFrameSize, 16_383u, Http2Error.ProtocolError)]
    [InlineData(SettingId.MaxFrameSize, 16_384u, Http2Error.NoError)]
    [InlineData(SettingId.MaxFrameSize, 16_777_215u, Http2Error.NoError)]
    [InlineData(SettingId.MaxFrameSize, 16_777_216u, Http2Error.ProtocolError)]
    [InlineData(SettingId.EnableConnectProtocol, 0u, Http2Error.NoError)]
    [InlineData(SettingId.EnableConnectProtocol, 2u, Http2Error.ProtocolError)]
    [InlineData(SettingId.EnablePush, 2u, Http2Error.ProtocolError)]
    [InlineData(SettingId.HeaderTableSize, uint.MaxValue, Http2Error.NoError)]
    [InlineData(SettingId.MaxHeaderListSize, uint.MaxValue, Http2Error.NoError)]
    internal void Values_have_their_limits(SettingId id, uint value, Http2Error error)
    {
        foreach (bool isFromServer in new[] { false, true })
        {
            var parameters = new PeerParameters();
            Assert.Equal(error, Apply(ref parameters, isFromServer, new Setting(id, value)));
            Assert.InRange(parameters.FrameBytesMax, PeerParameters.FrameBytesMin, PeerParameters.FrameBytesMost);
        }
    }

    [Fact]
    public void Only_a_client_may_take_pushes()
    {
        var parameters = new PeerParameters();
        Assert.Equal(Http2Error.NoError, Apply(ref parameters, isFromServer: false, new Setting(SettingId.EnablePush, 1)));
        Assert.Equal(Http2Error.ProtocolError, Apply(ref parameters, isFromServer: true, new Setting(SettingId.EnablePush, 1)));
    }

    [Fact]
    public void A_payload_with_half_a_setting_is_refused()
    {
        for (int length = 0; length < 20; length++)
        {
            var parameters = new PeerParameters();
            Assert.Equal(length % 6 == 0 ? Http2Error.NoError : Http2Error.FrameSizeError, parameters.Apply(new byte[length], isFromServer: false));
        }
    }

    private static Http2Error Apply(ref PeerParameters parameters, bool isFromServer, params Setting[] settings)
    {
        var frame = new byte[FrameWriter.SettingsBytes(settings.Length)];
        FrameWriter.WriteSettings(settings, frame);
        return parameters.Apply(frame.AsSpan(FrameHeader.Bytes), isFromServer);
    }
}
