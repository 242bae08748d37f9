// A library that is not there is a sentence, and so is one that lacks a function.
using SipEmbedded.NativeAudio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class NativeAudioLibraryTests
{
    [Fact]
    public void An_absent_library_is_a_sentence_that_names_its_package()
    {
        Assert.False(NativeAudioLibrary.TryLoad("libnobody.so.7", "libnobody7", out var library, out string why));
        Assert.Null(library);
        Assert.Equal("libnobody.so.7 is not installed (Debian: apt-get install libnobody7)", why);
    }

    [Fact]
    public void A_library_that_lacks_a_function_names_the_first()
    {
        Assert.True(NativeAudioLibrary.TryLoad("libc.so.6", "libc6", out var library, out string why), why);
        Assert.NotEqual(0, library!.Function("malloc"));
        Assert.True(library.IsComplete(out _));
        Assert.Equal(0, library.Function("compose_a_symphony"));
        Assert.Equal(0, library.Function("compose_another"));
        Assert.False(library.IsComplete(out why));
        Assert.Equal("libc.so.6 has no compose_a_symphony: another version is needed", why);
    }
}
