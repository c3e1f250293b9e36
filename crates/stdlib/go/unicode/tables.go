// Written by gen/unicode; change that instead.

package unicode

// Version is the edition of Unicode from which the tables are made.
const Version = "17.0.0"

// The tables of the general categories.
var (
	C  = &tables[0]
	Cc = &tables[1]
	Cf = &tables[2]
	Cn = &tables[3]
	Co = &tables[4]
	Cs = &tables[5]
	L  = &tables[6]
	LC = &tables[7]
	Ll = &tables[8]
	Lm = &tables[9]
	Lo = &tables[10]
	Lt = &tables[11]
	Lu = &tables[12]
	M  = &tables[13]
	Mc = &tables[14]
	Me = &tables[15]
	Mn = &tables[16]
	N  = &tables[17]
	Nd = &tables[18]
	Nl = &tables[19]
	No = &tables[20]
	P  = &tables[21]
	Pc = &tables[22]
	Pd = &tables[23]
	Pe = &tables[24]
	Pf = &tables[25]
	Pi = &tables[26]
	Po = &tables[27]
	Ps = &tables[28]
	S  = &tables[29]
	Sc = &tables[30]
	Sk = &tables[31]
	Sm = &tables[32]
	So = &tables[33]
	Z  = &tables[34]
	Zl = &tables[35]
	Zp = &tables[36]
	Zs = &tables[37]
)

// The long names of some categories.
var (
	Digit  = &tables[18]
	Letter = &tables[6]
	Lower  = &tables[8]
	Mark   = &tables[13]
	Number = &tables[17]
	Other  = &tables[0]
	Punct  = &tables[21]
	Space  = &tables[34]
	Symbol = &tables[29]
	Title  = &tables[11]
	Upper  = &tables[12]
)

// The tables of the scripts.
var (
	Adlam                  = &tables[38]
	Ahom                   = &tables[39]
	Anatolian_Hieroglyphs  = &tables[40]
	Arabic                 = &tables[41]
	Armenian               = &tables[42]
	Avestan                = &tables[43]
	Balinese               = &tables[44]
	Bamum                  = &tables[45]
	Bassa_Vah              = &tables[46]
	Batak                  = &tables[47]
	Bengali                = &tables[48]
	Beria_Erfe             = &tables[49]
	Bhaiksuki              = &tables[50]
	Bopomofo               = &tables[51]
	Brahmi                 = &tables[52]
	Braille                = &tables[53]
	Buginese               = &tables[54]
	Buhid                  = &tables[55]
	Canadian_Aboriginal    = &tables[56]
	Carian                 = &tables[57]
	Caucasian_Albanian     = &tables[58]
	Chakma                 = &tables[59]
	Cham                   = &tables[60]
	Cherokee               = &tables[61]
	Chorasmian             = &tables[62]
	Common                 = &tables[63]
	Coptic                 = &tables[64]
	Cuneiform              = &tables[65]
	Cypriot                = &tables[66]
	Cypro_Minoan           = &tables[67]
	Cyrillic               = &tables[68]
	Deseret                = &tables[69]
	Devanagari             = &tables[70]
	Dives_Akuru            = &tables[71]
	Dogra                  = &tables[72]
	Duployan               = &tables[73]
	Egyptian_Hieroglyphs   = &tables[74]
	Elbasan                = &tables[75]
	Elymaic                = &tables[76]
	Ethiopic               = &tables[77]
	Garay                  = &tables[78]
	Georgian               = &tables[79]
	Glagolitic             = &tables[80]
	Gothic                 = &tables[81]
	Grantha                = &tables[82]
	Greek                  = &tables[83]
	Gujarati               = &tables[84]
	Gunjala_Gondi          = &tables[85]
	Gurmukhi               = &tables[86]
	Gurung_Khema           = &tables[87]
	Han                    = &tables[88]
	Hangul                 = &tables[89]
	Hanifi_Rohingya        = &tables[90]
	Hanunoo                = &tables[91]
	Hatran                 = &tables[92]
	Hebrew                 = &tables[93]
	Hiragana               = &tables[94]
	Imperial_Aramaic       = &tables[95]
	Inherited              = &tables[96]
	Inscriptional_Pahlavi  = &tables[97]
	Inscriptional_Parthian = &tables[98]
	Javanese               = &tables[99]
	Kaithi                 = &tables[100]
	Kannada                = &tables[101]
	Katakana               = &tables[102]
	Kawi                   = &tables[103]
	Kayah_Li               = &tables[104]
	Kharoshthi             = &tables[105]
	Khitan_Small_Script    = &tables[106]
	Khmer                  = &tables[107]
	Khojki                 = &tables[108]
	Khudawadi              = &tables[109]
	Kirat_Rai              = &tables[110]
	Lao                    = &tables[111]
	Latin                  = &tables[112]
	Lepcha                 = &tables[113]
	Limbu                  = &tables[114]
	Linear_A               = &tables[115]
	Linear_B               = &tables[116]
	Lisu                   = &tables[117]
	Lycian                 = &tables[118]
	Lydian                 = &tables[119]
	Mahajani               = &tables[120]
	Makasar                = &tables[121]
	Malayalam              = &tables[122]
	Mandaic                = &tables[123]
	Manichaean             = &tables[124]
	Marchen                = &tables[125]
	Masaram_Gondi          = &tables[126]
	Medefaidrin            = &tables[127]
	Meetei_Mayek           = &tables[128]
	Mende_Kikakui          = &tables[129]
	Meroitic_Cursive       = &tables[130]
	Meroitic_Hieroglyphs   = &tables[131]
	Miao                   = &tables[132]
	Modi                   = &tables[133]
	Mongolian              = &tables[134]
	Mro                    = &tables[135]
	Multani                = &tables[136]
	Myanmar                = &tables[137]
	Nabataean              = &tables[138]
	Nag_Mundari            = &tables[139]
	Nandinagari            = &tables[140]
	New_Tai_Lue            = &tables[141]
	Newa                   = &tables[142]
	Nko                    = &tables[143]
	Nushu                  = &tables[144]
	Nyiakeng_Puachue_Hmong = &tables[145]
	Ogham                  = &tables[146]
	Ol_Chiki               = &tables[147]
	Ol_Onal                = &tables[148]
	Old_Hungarian          = &tables[149]
	Old_Italic             = &tables[150]
	Old_North_Arabian      = &tables[151]
	Old_Permic             = &tables[152]
	Old_Persian            = &tables[153]
	Old_Sogdian            = &tables[154]
	Old_South_Arabian      = &tables[155]
	Old_Turkic             = &tables[156]
	Old_Uyghur             = &tables[157]
	Oriya                  = &tables[158]
	Osage                  = &tables[159]
	Osmanya                = &tables[160]
	Pahawh_Hmong           = &tables[161]
	Palmyrene              = &tables[162]
	Pau_Cin_Hau            = &tables[163]
	Phags_Pa               = &tables[164]
	Phoenician             = &tables[165]
	Psalter_Pahlavi        = &tables[166]
	Rejang                 = &tables[167]
	Runic                  = &tables[168]
	Samaritan              = &tables[169]
	Saurashtra             = &tables[170]
	Sharada                = &tables[171]
	Shavian                = &tables[172]
	Siddham                = &tables[173]
	Sidetic                = &tables[174]
	SignWriting            = &tables[175]
	Sinhala                = &tables[176]
	Sogdian                = &tables[177]
	Sora_Sompeng           = &tables[178]
	Soyombo                = &tables[179]
	Sundanese              = &tables[180]
	Sunuwar                = &tables[181]
	Syloti_Nagri           = &tables[182]
	Syriac                 = &tables[183]
	Tagalog                = &tables[184]
	Tagbanwa               = &tables[185]
	Tai_Le                 = &tables[186]
	Tai_Tham               = &tables[187]
	Tai_Viet               = &tables[188]
	Tai_Yo                 = &tables[189]
	Takri                  = &tables[190]
	Tamil                  = &tables[191]
	Tangsa                 = &tables[192]
	Tangut                 = &tables[193]
	Telugu                 = &tables[194]
	Thaana                 = &tables[195]
	Thai                   = &tables[196]
	Tibetan                = &tables[197]
	Tifinagh               = &tables[198]
	Tirhuta                = &tables[199]
	Todhri                 = &tables[200]
	Tolong_Siki            = &tables[201]
	Toto                   = &tables[202]
	Tulu_Tigalari          = &tables[203]
	Ugaritic               = &tables[204]
	Vai                    = &tables[205]
	Vithkuqi               = &tables[206]
	Wancho                 = &tables[207]
	Warang_Citi            = &tables[208]
	Yezidi                 = &tables[209]
	Yi                     = &tables[210]
	Zanabazar_Square       = &tables[211]
)

// The tables of the properties.
var (
	ASCII_Hex_Digit                    = &tables[212]
	Bidi_Control                       = &tables[213]
	Dash                               = &tables[214]
	Deprecated                         = &tables[215]
	Diacritic                          = &tables[216]
	Extender                           = &tables[217]
	Hex_Digit                          = &tables[218]
	Hyphen                             = &tables[219]
	IDS_Binary_Operator                = &tables[220]
	IDS_Trinary_Operator               = &tables[221]
	IDS_Unary_Operator                 = &tables[222]
	ID_Compat_Math_Continue            = &tables[223]
	ID_Compat_Math_Start               = &tables[224]
	Ideographic                        = &tables[225]
	Join_Control                       = &tables[226]
	Logical_Order_Exception            = &tables[227]
	Modifier_Combining_Mark            = &tables[228]
	Noncharacter_Code_Point            = &tables[229]
	Other_Alphabetic                   = &tables[230]
	Other_Default_Ignorable_Code_Point = &tables[231]
	Other_Grapheme_Extend              = &tables[232]
	Other_ID_Continue                  = &tables[233]
	Other_ID_Start                     = &tables[234]
	Other_Lowercase                    = &tables[235]
	Other_Math                         = &tables[236]
	Other_Uppercase                    = &tables[237]
	Pattern_Syntax                     = &tables[238]
	Pattern_White_Space                = &tables[239]
	Prepended_Concatenation_Mark       = &tables[240]
	Quotation_Mark                     = &tables[241]
	Radical                            = &tables[242]
	Regional_Indicator                 = &tables[243]
	STerm                              = &tables[244]
	Sentence_Terminal                  = &tables[244]
	Soft_Dotted                        = &tables[245]
	Terminal_Punctuation               = &tables[246]
	Unified_Ideograph                  = &tables[247]
	Variation_Selector                 = &tables[248]
	White_Space                        = &tables[249]
)

// Categories is the set of general categories by name.
var Categories = byName(0, ""+
	"C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl "+
	"Zp Zs ")

// Scripts is the set of scripts by name.
var Scripts = byName(38, ""+
	"Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Beria_Erfe "+
	"Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma "+
	"Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru "+
	"Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha "+
	"Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana "+
	"Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana "+
	"Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu "+
	"Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi "+
	"Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro "+
	"Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham "+
	"Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian "+
	"Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi "+
	"Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sidetic SignWriting Sinhala Sogdian Sora_Sompeng "+
	"Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tai_Yo Takri "+
	"Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto Tulu_Tigalari "+
	"Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square ")

// Properties is the set of properties by name.
var Properties = byName(212, ""+
	"ASCII_Hex_Digit Bidi_Control Dash Deprecated Diacritic Extender Hex_Digit Hyphen IDS_Binary_Operator "+
	"IDS_Trinary_Operator IDS_Unary_Operator ID_Compat_Math_Continue ID_Compat_Math_Start Ideographic Join_Control "+
	"Logical_Order_Exception Modifier_Combining_Mark Noncharacter_Code_Point Other_Alphabetic Other_Default_Ignorable_Code_Point "+
	"Other_Grapheme_Extend Other_ID_Continue Other_ID_Start Other_Lowercase Other_Math Other_Uppercase Pattern_Syntax "+
	"Pattern_White_Space Prepended_Concatenation_Mark Quotation_Mark Radical Regional_Indicator STerm =Sentence_Terminal "+
	"Soft_Dotted Terminal_Punctuation Unified_Ideograph Variation_Selector White_Space ")

// FoldCategory maps a category to the code points outside it that are equal under simple case folding to one in it.
var FoldCategory = map[string]*RangeTable{
	"L":  &tables[250],
	"Ll": &tables[251],
	"Lt": &tables[252],
	"Lu": &tables[253],
	"M":  &tables[254],
	"Mn": &tables[254],
}

// FoldScript maps a script to the code points outside it that are equal under simple case folding to one in it.
var FoldScript = map[string]*RangeTable{
	"Common":    &tables[255],
	"Greek":     &tables[256],
	"Inherited": &tables[254],
}

// CategoryAliases maps other names of categories to their standard names.
var CategoryAliases = pairs("" +
	"Cased_Letter LC Close_Punctuation Pe Combining_Mark M Connector_Punctuation Pc Control Cc Currency_Symbol " +
	"Sc Dash_Punctuation Pd Decimal_Number Nd Enclosing_Mark Me Final_Punctuation Pf Format Cf Initial_Punctuation " +
	"Pi Letter L Letter_Number Nl Line_Separator Zl Lowercase_Letter Ll Mark M Math_Symbol Sm Modifier_Letter " +
	"Lm Modifier_Symbol Sk Nonspacing_Mark Mn Number N Open_Punctuation Ps Other C Other_Letter Lo Other_Number " +
	"No Other_Punctuation Po Other_Symbol So Paragraph_Separator Zp Private_Use Co Punctuation P Separator " +
	"Z Space_Separator Zs Spacing_Mark Mc Surrogate Cs Symbol S Titlecase_Letter Lt Unassigned Cn Uppercase_Letter " +
	"Lu cntrl Cc digit Nd punct P ")

// tables are all tables; fillTables makes them.
var tables [257]RangeTable
